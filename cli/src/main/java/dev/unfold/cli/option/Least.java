package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;

/// Refuses numbers that are too small, before anything is made of them.
public final class Least {
  private Least() {}

  /// **Errors**: [IllegalArgumentException] that names the option, if `got` is below `least`.
  public static void expect(String option, long least, long got) {
    if (got < least) {
      throw new Refusal(option, "%d or more".formatted(least), got);
    }
  }
}
