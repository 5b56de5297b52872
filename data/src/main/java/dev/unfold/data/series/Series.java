package dev.unfold.data.series;

import java.util.Arrays;
import java.util.List;

/// One series: its columns on an even grid of time, or a step for each row at any distances, NaN and [#NO_TEXT] for
/// what is missing. The columns are its own: who changes them changes it.
///
/// @param name what people call it; empty if there is one series
/// @param keys the values that tell it from the others
/// @param timeline the times of its steps
/// @param numbers the columns of numbers of [Panel#numbers], each of n steps
/// @param texts the columns of texts of [Panel#texts] as numbers in [Panel#dictionary], each of n steps
public record Series(
    String name, List<String> keys, Timeline timeline, Numbers[] numbers, Numbers[] texts) {
  /// The number of a text that is missing.
  public static final int NO_TEXT = -1;

  /// One in the heap.
  ///
  /// @param numbers a column each, `[n]`
  /// @param texts a column each, `[n]`
  public Series(
      String name, List<String> keys, Timeline timeline, double[][] numbers, int[][] texts) {
    this(
        name,
        keys,
        timeline,
        Arrays.stream(numbers).map(Numbers::of).toArray(Numbers[]::new),
        Arrays.stream(texts)
            .map(each -> Numbers.of(Arrays.stream(each).asDoubleStream().toArray()))
            .toArray(Numbers[]::new));
  }

  /// n, how many steps it has, among them those of the future of which something is known.
  public int steps() {
    return numbers[0].length();
  }

  /// The number of the text of a column at a step.
  public int text(int column, int step) {
    return (int) texts[column].at(step);
  }

  /// How many steps it has until the last that one of its first `targets` columns has a number at.
  public int observed(int targets) {
    int last = steps();
    while (last > 0) {
      for (int column = 0; column < targets; column++) {
        if (!Double.isNaN(numbers[column].at(last - 1))) {
          return last;
        }
      }
      last--;
    }
    return 0;
  }
}
