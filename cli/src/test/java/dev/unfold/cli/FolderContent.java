package dev.unfold.cli;

import dev.unfold.formats.safetensors.SafetensorsReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// All that is in the folder of a run, but for times.
final class FolderContent {
  private static final int TIME_BEGIN = 12 + 1;
  private static final int LENGTH_AND_CHECKSUM = 12;

  private FolderContent() {}

  /// For each file its name and what it holds.
  static SortedMap<String, String> of(Path run) throws IOException {
    SortedMap<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.list(run)) {
      for (Path file : files.toList()) {
        all.put(file.getFileName().toString(), content(file));
      }
    }
    return all;
  }

  private static String content(Path file) throws IOException {
    String name = file.getFileName().toString();
    if (name.endsWith(".jsonl")) {
      return Files.readString(file).replaceAll("\"(time|seconds)\":[^,}]+", "$1");
    }
    if (name.startsWith("events.")) {
      return events(Files.readAllBytes(file));
    }
    if (name.startsWith("checkpoint-")) {
      return checkpoint(file);
    }
    return name.endsWith(".safetensors")
        ? digest(Files.readAllBytes(file))
        : Files.readString(file);
  }

  private static String checkpoint(Path file) throws IOException {
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      Map<String, String> metadata = new TreeMap<>(reader.metadata());
      metadata.remove("count.seconds");
      byte[] all = Files.readAllBytes(file);
      int header = (int) ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
      byte[] numbers = Arrays.copyOfRange(all, Long.BYTES + header, all.length);
      return metadata + "\n" + reader.tensors() + "\n" + digest(numbers);
    }
  }

  /// The records without the time that each begins with, and without checksums.
  private static String events(byte[] all) {
    ByteBuffer bytes = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
    StringBuilder text = new StringBuilder();
    while (bytes.hasRemaining()) {
      int begin = bytes.position();
      int length = (int) bytes.getLong(begin);
      int from = begin + TIME_BEGIN + Double.BYTES;
      int to = begin + LENGTH_AND_CHECKSUM + length;
      text.append(HexFormat.of().formatHex(all, from, to)).append('\n');
      bytes.position(to + Integer.BYTES);
    }
    return text.toString();
  }

  private static String digest(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /// Changes one byte of a file.
  static void spoil(Path file, int at) throws IOException {
    byte[] all = Files.readAllBytes(file);
    all[at] ^= 1;
    Files.write(file, all);
  }

  /// The place of a text in a file.
  static int find(Path file, String text) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).indexOf(text);
  }

  /// The last checkpoints, from the first to the last.
  static List<Path> checkpoints(Path run) throws IOException {
    try (Stream<Path> files = Files.list(run)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("checkpoint-"))
          .sorted((a, b) -> Long.compare(number(a), number(b)))
          .toList();
    }
  }

  private static long number(Path checkpoint) {
    return Long.parseLong(checkpoint.getFileName().toString().replaceAll("\\D", ""));
  }
}
