package dev.unfold.run.output;

import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.safetensors.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Checks that a model can be written to a file, before hours are spent on making it.
public final class OutputFile {
  private OutputFile() {}

  /// Refuses a place that cannot be written to, and a file that is not a model: that would be somebody's
  /// data, and most likely a slip.
  public static void check(Path file) {
    if (file.toString().isEmpty()) {
      throw new IllegalArgumentException("out: expected the name of a file, got \"\"");
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          "out: expected a file in a folder that exists, got " + file);
    }
    if (!Files.isWritable(folder)) {
      throw new IllegalArgumentException(
          "out: expected a file in a folder that can be written to, got " + file);
    }
    if (Files.isDirectory(file)) {
      throw new IllegalArgumentException("out: expected a file, got the folder " + file);
    }
    if (Files.exists(file) && !Files.isWritable(file)) {
      throw new IllegalArgumentException("out: expected a file that can be written, got " + file);
    }
    if (Files.exists(file) && !ModelFile.isModel(file)) {
      throw new IllegalArgumentException(
          "out: expected a new file, or a model to replace, got " + file + ", which is neither");
    }
    tryOut(file);
  }

  /// Makes a file beside it, as saving will: permissions do not tell of file systems that take no files, or none
  /// of such a name.
  private static void tryOut(Path file) {
    try {
      AtomicFile.removeLeftOvers(file);
      AtomicFile.probe(file);
    } catch (IOException e) {
      throw refusal("out: expected a file that can be made, got " + file, e);
    }
  }

  /// What to throw if a place can't be written to: it can't be used, unless the disk is full, which may pass.
  public static RuntimeException refusal(String message, IOException cause) {
    String reason = AtomicFile.reason(cause);
    String line = message + ": " + reason;
    return reason.contains("No space left") || reason.contains("quota exceeded")
        ? new FailureException(line, cause)
        : new IllegalArgumentException(line, cause);
  }
}
