package dev.unfold.cell;

import dev.unfold.argument.Refusal;

/// How many numbers a value has, as a letter that stands for a number known only when a network is built.
///
/// @param letter the dimension's letter in documentation and messages
public record Size(String letter) {
  /// I, the width of a cell's input.
  public static final Size INPUT = new Size("I");

  /// H, the number of hidden units.
  public static final Size HIDDEN = new Size("H");

  /// 1: one number that is the same for all units.
  public static final Size ONE = new Size("1");

  /// Checks the letter.
  public Size {
    if (!letter.matches("1|[A-Z][A-Za-z0-9]*")) {
      throw new Refusal("size", "a capital letter and letters or digits", "'" + letter + "'");
    }
  }

  /// A size of the cell's own, such as P for a projection: H/2, rounded up, unless [Cell#withSize] says
  /// otherwise.
  ///
  /// **Errors**: [IllegalArgumentException] if `letter` is I, H, or no letter.
  public static Size own(String letter) {
    Size size = new Size(letter);
    if (!size.isOwn()) {
      throw new IllegalArgumentException("size " + letter + ": the letter is taken");
    }
    return size;
  }

  /// Whether it is neither I, H nor 1.
  public boolean isOwn() {
    return !equals(INPUT) && !equals(HIDDEN) && !equals(ONE);
  }

  @Override
  public String toString() {
    return "[" + letter + "]";
  }
}
