package dev.unfold.cli.option;

import dev.unfold.argument.Expect;
import picocli.CommandLine.Option;

/// The option that says how wide a layer is.
public final class HiddenOption {
  /// For what follows from no data.
  static final int NONE = 0;

  @Option(
      names = "--hidden",
      paramLabel = "H",
      converter = AutoConverter.class,
      description = "Hidden units of a layer (default: ${DEFAULT-VALUE}).")
  private int hidden;

  /// @param usual what it is where nothing is said
  public HiddenOption(int usual) {
    hidden = usual;
  }

  /// H, or `other` if it was said to follow from the data.
  public int count(int other) {
    if (hidden == AutoConverter.AUTO) {
      Expect.positive("hidden", "H", other);
      return other;
    }
    return count();
  }

  /// H.
  ///
  /// **Errors**: [IllegalArgumentException] for less than one.
  public int count() {
    Expect.positive("hidden", "H", hidden);
    return hidden;
  }
}
