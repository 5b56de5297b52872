package dev.unfold.cli.option;

import dev.unfold.argument.Expect;
import picocli.CommandLine.Option;

/// The option that says how many sequences there are side by side.
public final class BatchOption {
  @Option(
      names = "--batch",
      paramLabel = "B",
      description = "Sequences side by side (default: ${DEFAULT-VALUE}).")
  private int batch;

  /// @param usual what it is where nothing is said
  public BatchOption(int usual) {
    batch = usual;
  }

  /// B.
  ///
  /// **Errors**: [IllegalArgumentException] for less than one.
  public int count() {
    Expect.positive("batch", "B", batch);
    return batch;
  }
}
