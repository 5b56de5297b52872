package dev.unfold.data.series;

import java.util.List;

/// One series: its columns on an even grid of time, NaN and [#NO_TEXT] for what is missing. The arrays are its own: who
/// changes them changes it.
///
/// @param name what people call it; empty if there is one series
/// @param keys the values that tell it from the others
/// @param timeline the times of its steps
/// @param numbers the columns of numbers of [Panel#numbers], each `[n]`
/// @param texts the columns of texts of [Panel#texts] as numbers in [Panel#dictionary], each `[n]`
public record Series(
    String name, List<String> keys, Timeline timeline, double[][] numbers, int[][] texts) {
  /// The number of a text that is missing.
  public static final int NO_TEXT = -1;

  /// n, how many steps it has, among them those of the future of which something is known.
  public int steps() {
    return numbers[0].length;
  }

  /// How many steps it has until the last that one of its first `targets` columns has a number at.
  public int observed(int targets) {
    int last = steps();
    while (last > 0) {
      for (int column = 0; column < targets; column++) {
        if (!Double.isNaN(numbers[column][last - 1])) {
          return last;
        }
      }
      last--;
    }
    return 0;
  }
}
