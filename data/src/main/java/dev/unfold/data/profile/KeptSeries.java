package dev.unfold.data.profile;

import java.util.Arrays;

/// The first values of a series, for its season.
final class KeptSeries {
  private static final int LONGEST = 1 << 14;

  private final double[][] values;
  private long[] times = new long[16];
  private int length;

  KeptSeries(int targets) {
    values = new double[targets][16];
  }

  /// Whether a row more is wanted.
  boolean hasRoom() {
    return length < LONGEST;
  }

  void add(long time, double[] row) {
    if (length == times.length) {
      times = Arrays.copyOf(times, 2 * length);
      for (int i = 0; i < values.length; i++) {
        values[i] = Arrays.copyOf(values[i], 2 * length);
      }
    }
    times[length] = time;
    for (int i = 0; i < values.length; i++) {
      values[i][length] = row[i];
    }
    length++;
  }

  /// One target's values, evenly spaced: NaN stands where a step is not there. Rows as they come if the frequency has
  /// no steps.
  double[] onGrid(int target, Frequency frequency) {
    double[] grid = new double[4 * LONGEST];
    Arrays.fill(grid, Double.NaN);
    int at = 0;
    for (int i = 0; i < length; i++) {
      if (i > 0) {
        boolean hasSteps = frequency.unit().isRegular();
        long steps = hasSteps ? SeriesTimes.steps(frequency, times[i - 1], times[i]) : 1;
        if (steps > grid.length - 1 - at) {
          break;
        }
        at += (int) steps;
      }
      grid[at] = values[target][i];
    }
    return Arrays.copyOf(grid, at + 1);
  }
}
