package dev.unfold.cell;

import dev.unfold.argument.Refusal;
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
  ///
  /// **Errors**: [IllegalArgumentException] if heads do not divide the sides of matrices, or there are more numbers
  /// than an `int` counts.
  public int of(Size size) {
    if (size.isOfMatrices()) {
      Size.Grid grid = size.grid();
      long numbers = (long) of(grid.rows()) * perHead(grid.columns(), grid.heads());
      perHead(grid.rows(), grid.heads());
      if (numbers > Integer.MAX_VALUE) {
        throw new Refusal(
            "size " + size, "fewer than 2^31 numbers", numbers + "; choose a smaller H");
      }
      return (int) numbers;
    }
    if (size.equals(Size.ONE)) {
      return 1;
    }
    if (size.equals(Size.INPUT)) {
      return input;
    }
    if (size.equals(Size.HIDDEN)) {
      return hidden;
    }
    return own.getOrDefault(size.letter(), size.equals(Size.HEADS) ? 1 : Math.ceilDiv(hidden, 2));
  }

  /// How many of `size` numbers a head has.
  ///
  /// **Errors**: [IllegalArgumentException] if the heads do not divide them.
  public int perHead(Size size, Size heads) {
    int all = of(size);
    int count = of(heads);
    if (all % count != 0) {
      throw new Refusal(
          "size " + heads.letter(), "a divisor of %s = %d".formatted(size.letter(), all), count);
    }
    return all / count;
  }
}
