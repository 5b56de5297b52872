package dev.unfold.cli.option;

/// Refuses numbers that are too small, before anything is made of them.
public final class Least {
  private Least() {}

  /// **Errors**: [IllegalArgumentException] that names the option, if `got` is below `least`.
  public static void expect(String option, long least, long got) {
    if (got < least) {
      throw new IllegalArgumentException(
          "%s: expected %d or more, got %d".formatted(option, least, got));
    }
  }
}
