package dev.unfold.train;

/// Refuses null by the name of the argument.
final class Given {
  private Given() {}

  /// `value`, unless it is null.
  static <T> T notNull(String name, T value) {
    if (value == null) {
      throw new IllegalArgumentException(name + ": expected one, got null");
    }
    return value;
  }
}
