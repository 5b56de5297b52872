package dev.unfold.train;

import java.util.Objects;

/// Refuses null by the name of the argument.
final class Given {
  private Given() {}

  /// `value`, unless it is null.
  static <T> T notNull(String name, T value) {
    return Objects.requireNonNull(value, () -> name + ": expected one, got null");
  }
}
