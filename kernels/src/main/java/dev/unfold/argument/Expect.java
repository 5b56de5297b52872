package dev.unfold.argument;

/// What nearly every argument is expected to be.
public final class Expect {
  private Expect() {}

  /// `value`, unless it is null.
  ///
  /// **Errors**: [NullPointerException] that names the argument.
  public static <T> T given(String name, T value) {
    if (value == null) {
      throw new NullPointerException(name + ": expected one, got null");
    }
    return value;
  }

  /// Refuses a size below 1.
  ///
  /// @param name of the argument
  /// @param letter what the size is called in shapes
  ///
  /// **Errors**: [IllegalArgumentException] that names the argument.
  public static void positive(String name, String letter, int size) {
    if (size < 1) {
      throw new Refusal(name, letter + " of 1 or more", size);
    }
  }
}
