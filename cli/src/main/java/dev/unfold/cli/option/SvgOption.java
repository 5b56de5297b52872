package dev.unfold.cli.option;

import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.run.output.OutputFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/// The option that draws what was measured.
public final class SvgOption {
  @Option(names = "--svg", paramLabel = "FILE", description = "Draw the results, too.")
  private Path file;

  /// Checks the place before anything is measured.
  ///
  /// **Errors**: [IllegalArgumentException] if no picture can be there.
  public void check() {
    if (file != null) {
      OutputFile.checkKind("svg", file, "<svg");
    }
  }

  /// Writes the picture, if one is asked for.
  public void write(Supplier<String> picture) {
    if (file != null) {
      AtomicFile.write(file, picture.get().getBytes(StandardCharsets.UTF_8));
    }
  }
}
