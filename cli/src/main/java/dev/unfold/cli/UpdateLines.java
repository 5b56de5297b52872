package dev.unfold.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// A file of a run with a JSON object a line, each of which says after which `update` it was written.
///
/// @param file may not be there yet
record UpdateLines(Path file) {
  private static final Pattern UPDATE = Pattern.compile("\"update\":(\\d{1,18})");

  /// What the lines say.
  List<JsonNode> read() {
    return lines().stream().filter(line -> line.endsWith("}")).map(Json::read).toList();
  }

  /// Forgets what was after update `last`.
  void keep(long last) {
    try {
      Files.write(file, lines().stream().filter(line -> update(line) <= last).toList());
    } catch (IOException e) {
      throw new FailureException(file + ": expected a file that can be written: " + e, e);
    }
  }

  /// Adds a line.
  void add(Record line) {
    try (PrintWriter out =
        new PrintWriter(
            Files.newBufferedWriter(
                file,
                StandardCharsets.UTF_8,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND))) {
      Json.print(out, line);
      if (out.checkError()) {
        throw new IOException("the disk may be full");
      }
    } catch (IOException e) {
      throw new FailureException(file + ": expected to append to it: " + e, e);
    }
  }

  private List<String> lines() {
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      throw new FailureException(file + ": expected a file that can be read: " + e, e);
    }
  }

  /// A line that was cut off has none, and is forgotten.
  private static long update(String line) {
    Matcher matcher = UPDATE.matcher(line);
    return line.endsWith("}") && matcher.find() ? Long.parseLong(matcher.group(1)) : Long.MAX_VALUE;
  }
}
