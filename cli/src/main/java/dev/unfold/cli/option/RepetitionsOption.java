package dev.unfold.cli.option;

import dev.unfold.argument.Expect;
import picocli.CommandLine.Option;

/// The option that says how often something is measured.
public final class RepetitionsOption {
  @Option(
      names = "--repetitions",
      paramLabel = "N",
      description =
          "Measurements, after a warm-up of at least as many; their median is told (default:"
              + " ${DEFAULT-VALUE}).")
  private int repetitions;

  /// @param usual what it is where nothing is said
  public RepetitionsOption(int usual) {
    repetitions = usual;
  }

  /// N.
  ///
  /// **Errors**: [IllegalArgumentException] for less than one.
  public int count() {
    Expect.positive("repetitions", "N", repetitions);
    return repetitions;
  }
}
