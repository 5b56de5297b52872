package dev.unfold.run.series;

/// The [Level] of all that has come so far, kept up step by step. The n-th value of a mean has the weight
/// `1/min(n, C)`, those before lose as much: a plain mean of the first C, then one that forgets over about C steps.
/// With y the value that comes, and means as they were before:
///
///     c of y      w of |y - c|      d of |y - y_{t-1}|      s of |y - y_{t-m}|      r of y - y_{t-b}, over q steps
///
/// What is missing changes nothing.
final class RunningLevel {
  /// How many numbers [#copyTo] gives.
  static final int NUMBERS = 10;

  private static final int CENTER = 0;
  private static final int WIDTH = 1;
  private static final int CHANGE = 2;
  private static final int UNIT = 3;
  private static final int SHIFT = 4;
  private static final int COUNTS = 5;

  private final SeriesSpec spec;

  /// The means, then how many values each has had, up to where that no longer matters.
  private final double[] numbers = new double[NUMBERS];

  RunningLevel(SeriesSpec spec) {
    this.spec = spec;
  }

  /// Takes in the value of `track` at step `t`, those before which were taken in.
  void add(Track track, int t) {
    double y = track.at(t);
    if (Double.isNaN(y)) {
      return;
    }
    add(WIDTH, spec.context(), numbers[COUNTS] == 0 ? Double.NaN : Math.abs(y - numbers[CENTER]));
    add(CENTER, spec.context(), y);
    add(CHANGE, spec.context(), Math.abs(y - track.at(t - 1)));
    add(UNIT, spec.context(), Math.abs(y - track.at(t - spec.season())));
    if (spec.shift() > 0) {
      add(SHIFT, spec.shift(), y - track.at(t - spec.baseline()));
    }
  }

  private void add(int mean, int steps, double number) {
    if (Double.isNaN(number) || Double.isInfinite(number)) {
      return;
    }
    double count = Math.min(numbers[COUNTS + mean] + 1, steps);
    numbers[COUNTS + mean] = count;
    // Both shares, and not their difference, so that nothing that is finite overflows.
    numbers[mean] = numbers[mean] * (1 - 1 / count) + number / count;
  }

  Level level() {
    return of(numbers, 0);
  }

  /// The one that numbers from `from` on tell.
  static Level of(double[] numbers, int from) {
    return Level.of(
        numbers[from + CENTER],
        numbers[from + WIDTH],
        numbers[from + CHANGE],
        numbers[from + UNIT],
        numbers[from + SHIFT]);
  }

  /// Copies what is known to `numbers`, from `from` on; the first five are what [#of] takes.
  void copyTo(double[] into, int from, int count) {
    System.arraycopy(numbers, 0, into, from, count);
  }

  /// Goes on from what [#copyTo] gave.
  void restore(double... from) {
    System.arraycopy(from, 0, numbers, 0, NUMBERS);
  }
}
