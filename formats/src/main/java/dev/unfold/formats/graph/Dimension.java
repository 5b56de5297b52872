package dev.unfold.formats.graph;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;

/// One dimension of a shape: its size, or a name for one that may be another at each run.
///
/// @param size 0 or more; -1 if it is not fixed
/// @param name what it is called if it is not fixed; may be empty
public record Dimension(int size, String name) {
  /// Checks them.
  public Dimension {
    Expect.given("name", name);
    if (size < -1) {
      throw new Refusal("size", "0 or more, or -1 for any", size);
    }
  }

  /// A fixed size.
  public static Dimension of(int size) {
    return new Dimension(size, "");
  }

  /// Any size.
  public static Dimension any(String name) {
    return new Dimension(-1, name);
  }

  /// Whether the size is known.
  public boolean isFixed() {
    return size >= 0;
  }

  /// `3`, `batch` or `?`.
  @Override
  public String toString() {
    if (isFixed()) {
      return Integer.toString(size);
    }
    return name.isEmpty() ? "?" : name;
  }
}
