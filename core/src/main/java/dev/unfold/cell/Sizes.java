package dev.unfold.cell;

import java.util.Map;

/// What the letters of a cell's sizes stand for in one layer.
///
/// @param input I
/// @param hidden H
/// @param own sizes of the cell's own by letter, as far as they were given
public record Sizes(int input, int hidden, Map<String, Integer> own) {
  /// Copies the map.
  public Sizes {
    own = Map.copyOf(own);
  }

  /// The number that `size` stands for.
  public int of(Size size) {
    if (size.equals(Size.ONE)) {
      return 1;
    }
    if (size.equals(Size.INPUT)) {
      return input;
    }
    return size.equals(Size.HIDDEN)
        ? hidden
        : own.getOrDefault(size.letter(), Math.ceilDiv(hidden, 2));
  }
}
