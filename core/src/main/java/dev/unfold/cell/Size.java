package dev.unfold.cell;

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

  @Override
  public String toString() {
    return "[" + letter + "]";
  }
}
