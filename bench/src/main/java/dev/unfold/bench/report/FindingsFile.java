package dev.unfold.bench.report;

import dev.unfold.argument.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/// The JSON file of a run.
///
/// @param path where it is
public record FindingsFile(Path path) {
  /// What such files begin with.
  private static final String START = "{\"command\":";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .build();

  /// Checks that the file can be written: there is nothing else in its place, and its folder exists. What replaces a
  /// file replaces one of its kind.
  ///
  /// **Errors**: [IllegalArgumentException].
  public void expectWritable() {
    if (Files.exists(path) && !isOne()) {
      throw new Refusal("json", "a new file, or one of its kind to replace", path);
    }
    if (!Files.isDirectory(path.toAbsolutePath().getParent())) {
      throw new Refusal("json", "a file in a folder that exists", path);
    }
  }

  private boolean isOne() {
    if (!Files.isRegularFile(path)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(path)) {
      return new String(in.readNBytes(START.length()), StandardCharsets.UTF_8).equals(START);
    } catch (IOException e) {
      return false;
    }
  }

  /// Whether there is one.
  public boolean exists() {
    return Files.exists(path);
  }

  /// Writes it whole: whoever reads it, at any time, finds the last findings or these.
  public void write(Findings findings) {
    Path part = path.resolveSibling(path.getFileName() + ".part");
    try {
      Files.writeString(part, MAPPER.writeValueAsString(findings) + System.lineSeparator());
      Files.move(part, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What it has.
  ///
  /// **Errors**: [IllegalArgumentException] if it is no such file.
  public Findings read() {
    try {
      return MAPPER.readValue(Files.readString(path), Findings.class);
    } catch (IOException | JacksonException | NullPointerException e) {
      throw new Refusal("resume", "a file that --json has written", path, e);
    }
  }
}
