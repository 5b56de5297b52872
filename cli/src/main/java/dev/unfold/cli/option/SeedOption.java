package dev.unfold.cli.option;

import picocli.CommandLine.Option;

/// The option that says what all that is random follows from.
public final class SeedOption {
  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description =
          "Of all that is random: initial parameters, orders, masks, draws and generated data"
              + " (default: ${DEFAULT-VALUE}). The same seed gives the same text, and with the same"
              + " epochs the same model, bit for bit.")
  private long seed;

  /// The seed.
  public long value() {
    return seed;
  }
}
