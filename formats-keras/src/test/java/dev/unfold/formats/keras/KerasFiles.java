package dev.unfold.formats.keras;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/// Changes of `.keras` files.
final class KerasFiles {
  private KerasFiles() {}

  /// Changes the configuration.
  static void change(Path file, UnaryOperator<String> config) throws IOException {
    change(file, "config.json", config);
  }

  /// Changes the version.
  static void changeVersion(Path file, String version) throws IOException {
    change(file, "metadata.json", _ -> "{\"keras_version\": \"%s\"}".formatted(version));
  }

  private static void change(Path file, String entry, UnaryOperator<String> change)
      throws IOException {
    Map<String, byte[]> entries = entries(Files.readAllBytes(file));
    String text = new String(entries.get(entry), StandardCharsets.UTF_8);
    entries.put(entry, change.apply(text).getBytes(StandardCharsets.UTF_8));
    Files.write(file, zip(entries));
  }

  static Map<String, byte[]> entries(byte[] zip) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream input = new ZipInputStream(new java.io.ByteArrayInputStream(zip))) {
      for (ZipEntry entry = input.getNextEntry(); entry != null; entry = input.getNextEntry()) {
        entries.put(entry.getName(), ((InputStream) input).readAllBytes());
      }
    }
    return entries;
  }

  static byte[] zip(Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream output = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        output.putNextEntry(new ZipEntry(entry.getKey()));
        output.write(entry.getValue());
        output.closeEntry();
      }
    }
    return bytes.toByteArray();
  }
}
