package dev.unfold.run.output;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.safetensors.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Checks that a model can be written to a file, before hours are spent on making it.
public final class OutputFile {
  private OutputFile() {}

  /// Refuses a place that cannot be written to, and a file that is not a model: that would be somebody's
  /// data, and most likely a slip.
  public static void check(Path file) {
    checkPlace("out", file);
    if (Files.exists(file) && !ModelFile.isModel(file)) {
      throw new Refusal("out", "a new file, or a model to replace", file + ", which is neither");
    }
    tryOut("out", file);
  }

  /// The same for a model in another format, which replaces no file.
  ///
  /// @param endings what the names of such files end with
  public static void checkFormat(Path file, List<String> endings) {
    checkPlace("out", file);
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (endings.stream().noneMatch(name::endsWith)) {
      throw new Refusal("out", "a name that ends with " + String.join(" or ", endings), file);
    }
    checkNew("out", file);
  }

  /// Refuses a place that cannot be written to, and a file that is there.
  public static void checkNew(String option, Path file) {
    checkPlace(option, file);
    if (Files.exists(file)) {
      throw new Refusal(option, "a new file", file + ", which is there");
    }
    tryOut(option, file);
  }

  /// The same for a table of forecasts, scores or the like, which replaces no file but one that begins with the same
  /// line.
  ///
  /// @param header the first line
  public static void checkTable(Path file, String header) {
    checkPlace("out", file);
    if (Files.exists(file) && !begins(file, header + "\n")) {
      throw new Refusal(
          "out", "a new file, or one that begins as what is written", file + ", which is neither");
    }
    tryOut("out", file);
  }

  /// Refuses a place that cannot be written to, and a file that is none of its kind: that would be somebody's data.
  ///
  /// @param option that names it
  /// @param start how such files start
  public static void checkKind(String option, Path file, String start) {
    checkPlace(option, file);
    if (Files.exists(file) && !startsWith(file, start)) {
      throw new Refusal(option, "a new file, or one of its kind to replace", file);
    }
    tryOut(option, file);
  }

  private static boolean startsWith(Path file, String start) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] first = in.readNBytes(start.length());
      return new String(first, StandardCharsets.ISO_8859_1).equals(start);
    } catch (IOException e) {
      return false;
    }
  }

  /// Writes a text, whole or not at all.
  public static void write(Path file, String content) {
    AtomicFile.write(file, content.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean begins(Path file, String text) {
    byte[] expected = text.getBytes(StandardCharsets.UTF_8);
    try (InputStream in = Files.newInputStream(file)) {
      return Arrays.equals(expected, in.readNBytes(expected.length));
    } catch (IOException e) {
      throw new Refusal("out", "a file that can be read", file, e);
    }
  }

  private static void checkPlace(String option, Path file) {
    if (file.toString().isEmpty()) {
      throw new Refusal(option, "the name of a file", "\"\"");
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new Refusal(option, "a file in a folder that exists", file);
    }
    if (!Files.isWritable(folder)) {
      throw new Refusal(option, "a file in a folder that can be written to", file);
    }
    if (Files.isDirectory(file)) {
      throw new Refusal(option, "a file", "the folder " + file);
    }
    if (Files.exists(file) && !Files.isWritable(file)) {
      throw new Refusal(option, "a file that can be written", file);
    }
  }

  /// Makes a file beside it, as saving will: permissions do not tell of file systems that take no files, or none
  /// of such a name.
  private static void tryOut(String option, Path file) {
    try {
      AtomicFile.removeLeftOvers(file);
      AtomicFile.probe(file);
    } catch (IOException e) {
      throw refusal(option, "a file that can be made", file, e);
    }
  }

  /// What to throw if a place can't be written to: it can't be used, unless the disk is full, which may pass.
  public static RuntimeException refusal(
      String argument, String expected, Path got, IOException cause) {
    String reason = AtomicFile.reason(cause);
    Refusal refusal = new Refusal(argument, expected, got + ": " + reason, cause);
    return reason.contains("No space left") || reason.contains("quota exceeded")
        ? new FailureException(refusal.getMessage(), cause)
        : refusal;
  }
}
