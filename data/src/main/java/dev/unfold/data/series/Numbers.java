package dev.unfold.data.series;

import java.util.Arrays;

/// A column of a series, a number a step: NaN for what is missing.
///
/// **Threads**: any number may read while none writes.
public sealed interface Numbers permits HeapNumbers, PagedNumbers {
  /// Those of an array, which is theirs from now on.
  static Numbers of(double... values) {
    return new HeapNumbers(values);
  }

  /// As many steps, all with the same number, in the heap.
  static Numbers all(int steps, double number) {
    double[] values = new double[steps];
    Arrays.fill(values, number);
    return new HeapNumbers(values);
  }

  /// How many steps there are.
  int length();

  /// The number at `step`.
  double at(int step);

  /// Puts another in its place.
  void set(int step, double number);

  /// A copy of those from step `from` to the one before `to`.
  default double[] copy(int from, int to) {
    double[] copy = new double[to - from];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = at(from + i);
    }
    return copy;
  }
}
