package dev.unfold.cli.option;

import dev.unfold.argument.Expect;
import picocli.CommandLine.Option;

/// The option that says how wide a layer is.
public final class HiddenOption {
  @Option(
      names = "--hidden",
      paramLabel = "H",
      description = "Hidden units of a layer (default: ${DEFAULT-VALUE}).")
  private int hidden;

  /// @param usual what it is where nothing is said
  public HiddenOption(int usual) {
    hidden = usual;
  }

  /// H.
  ///
  /// **Errors**: [IllegalArgumentException] for less than one.
  public int count() {
    Expect.positive("hidden", "H", hidden);
    return hidden;
  }
}
