package dev.unfold.cli.option;

import dev.unfold.argument.Expect;
import picocli.CommandLine.Option;

/// The option that says how long the sequences are that a command makes for itself.
public final class StepsOption {
  @Option(
      names = "--steps",
      paramLabel = "T",
      description = "Steps of a sequence (default: ${DEFAULT-VALUE}).")
  private int steps;

  /// @param usual what it is where nothing is said
  public StepsOption(int usual) {
    steps = usual;
  }

  /// T.
  ///
  /// **Errors**: [IllegalArgumentException] for less than one.
  public int count() {
    Expect.positive("steps", "T", steps);
    return steps;
  }
}
