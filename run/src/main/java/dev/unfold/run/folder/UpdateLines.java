package dev.unfold.run.folder;

import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.run.output.FailureException;
import dev.unfold.run.output.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// A file of a run with a JSON object a line, each of which says after which `update` it was written.
///
/// Lines are added at its end, each at once. So a process that is killed leaves whole lines, and perhaps the beginning
/// of another, which is none. All else changes the file as a whole.
///
/// @param file may not be there yet
/// @param isLine whether a JSON object is such a line, besides its `update`
record UpdateLines(Path file, Predicate<JsonNode> isLine) {
  private static final int SHOWN = 80;

  /// What the lines say.
  ///
  /// **Errors**: [FormatException] if one says nothing, or something else.
  List<JsonNode> read() {
    return lines().stream().map(Line::json).toList();
  }

  /// Begins anew, without a line.
  void clear() {
    AtomicFile.write(file, new byte[0]);
  }

  /// Deletes the file, if there is one.
  void delete() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /// Forgets the lines that are not `wanted`.
  void keep(Predicate<JsonNode> wanted) {
    StringBuilder kept = new StringBuilder();
    lines().stream()
        .filter(line -> wanted.test(line.json))
        .forEach(line -> kept.append(line.text).append('\n'));
    byte[] content = kept.toString().getBytes(StandardCharsets.UTF_8);
    if (!Files.exists(file) || !Arrays.equals(content, bytes())) {
      AtomicFile.write(file, content);
    }
  }

  /// Adds a line.
  void add(Record line) {
    append(file, (Json.tree(line) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /// Adds to the end of a file that is there.
  static void append(Path file, byte[] content) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private static FailureException failure(Path file, IOException e) {
    return new FailureException(file + ": cannot be written: " + AtomicFile.reason(e), e);
  }

  /// Makes what was added outlive the machine, too.
  void force() {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
      channel.force(true);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private record Line(String text, JsonNode json) {}

  private List<Line> lines() {
    byte[] all = bytes();
    List<Line> lines = new ArrayList<>();
    int begin = 0;
    while (begin < all.length) {
      int end = begin;
      while (end < all.length && all[end] != '\n') {
        end++;
      }
      Line line = line(Arrays.copyOfRange(all, begin, end));
      if (line != null) {
        lines.add(line);
      } else if (end < all.length) {
        throw new FormatException(
            "%s, line %d: expected a JSON object with the number of an update, got %s"
                .formatted(file, lines.size() + 1, shown(all, begin, end)));
      }
      begin = end + 1;
    }
    return lines;
  }

  private static String shown(byte[] all, int begin, int end) {
    int count = Math.min(end - begin, SHOWN);
    String text = new String(all, begin, count, StandardCharsets.UTF_8);
    return count < end - begin ? text + "..." : text;
  }

  private byte[] bytes() {
    if (!Files.exists(file)) {
      return new byte[0];
    }
    // A device or a pipe may have no end.
    if (!Files.isRegularFile(file)) {
      throw new FormatException(file + ": expected a file, got something else");
    }
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new FormatException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  /// Null if it is none.
  private Line line(byte[] bytes) {
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString().strip();
      JsonNode json = Json.read(text);
      JsonNode update = json.path("update");
      boolean counts = update.isIntegralNumber() && update.canConvertToLong();
      return counts && update.asLong() >= 0 && isLine.test(json) ? new Line(text, json) : null;
    } catch (CharacterCodingException | JacksonException e) {
      return null;
    }
  }
}
