package dev.unfold.run.score;

import java.util.Arrays;
import java.util.OptionalDouble;

/// How good the forecast of one window is. With y the values that came, f the median that was forecast, q the quantile
/// of level q, L and U the ends of an interval that holds a share of 1 - a of them, and m the season:
///
///     sMAPE = 200 mean |y - f| / (|y| + |f|)                0 where both are 0
///     MAPE = 100 mean |y - f| / |y|
///     s = mean |y_t - y_{t-m}|                               over the training part alone
///     MASE = mean |y - f| / s
///     MSIS = mean (U - L + 2/a (L - y)[y < L] + 2/a (y - U)[y > U]) / s
///     QL(q) = sum 2 |(y - q) ([y <= q] - q)|
///
/// Values that are missing count nowhere.
///
/// **Not defined** are all of them for a window without values, MASE and MSIS if s is 0 (a training part that repeats
/// itself exactly) or if it has no two values a season apart, MAPE if a value is 0.
public final class ForecastScore {
  private final double[] levels;
  private final double[] actual;
  private final double[][] quantiles;
  private final int values;
  private final double seasonalError;

  private ForecastScore(
      double[] levels, double[] actual, double[][] quantiles, int values, double seasonalError) {
    this.levels = levels;
    this.actual = actual;
    this.quantiles = quantiles;
    this.values = values;
    this.seasonalError = seasonalError;
  }

  static ForecastScore of(
      int season, double[] levels, double[] past, double[] actual, double[][] quantiles) {
    int values = (int) Arrays.stream(actual).filter(y -> !Double.isNaN(y)).count();
    double[] there = new double[values];
    double[][] own = new double[values][];
    int next = 0;
    for (int step = 0; step < actual.length; step++) {
      if (!Double.isNaN(actual[step])) {
        there[next] = actual[step];
        own[next] = quantiles[step].clone();
        next++;
      }
    }
    return new ForecastScore(levels, there, own, values, seasonalError(season, past));
  }

  /// s; NaN if there are no two values a season apart.
  private static double seasonalError(int season, double... past) {
    double sum = 0;
    int count = 0;
    for (int t = season; t < past.length; t++) {
      double change = Math.abs(past[t] - past[t - season]);
      if (!Double.isNaN(change)) {
        sum += change;
        count++;
      }
    }
    return count == 0 ? Double.NaN : sum / count;
  }

  /// How many values there are.
  public int values() {
    return values;
  }

  /// s; empty if there are no two values a season apart.
  public OptionalDouble seasonalError() {
    return Double.isNaN(seasonalError) ? OptionalDouble.empty() : OptionalDouble.of(seasonalError);
  }

  /// sMAPE, from 0 to 200.
  public OptionalDouble smape() {
    double sum = 0;
    for (int i = 0; i < values; i++) {
      double scale = Math.abs(actual[i]) + Math.abs(median(i));
      sum += scale == 0 ? 0 : Math.abs(actual[i] - median(i)) / scale;
    }
    return values == 0 ? OptionalDouble.empty() : OptionalDouble.of(200 * sum / values);
  }

  /// MAPE
  public OptionalDouble mape() {
    double sum = 0;
    for (int i = 0; i < values; i++) {
      sum += Math.abs((actual[i] - median(i)) / actual[i]);
    }
    boolean isDefined = values > 0 && Arrays.stream(actual).allMatch(y -> y != 0);
    return isDefined ? OptionalDouble.of(100 * sum / values) : OptionalDouble.empty();
  }

  /// MASE
  public OptionalDouble mase() {
    double sum = 0;
    for (int i = 0; i < values; i++) {
      sum += Math.abs(actual[i] - median(i));
    }
    return scaled(sum);
  }

  /// MSIS of the interval between two of the levels, told by their places.
  OptionalDouble msis(int low, int high) {
    double weight = 2 / (1 - (levels[high] - levels[low]));
    double sum = 0;
    for (int i = 0; i < values; i++) {
      double from = quantiles[i][low];
      double until = quantiles[i][high];
      sum += until - from;
      sum += weight * (Math.max(from - actual[i], 0) + Math.max(actual[i] - until, 0));
    }
    return scaled(sum);
  }

  private OptionalDouble scaled(double sum) {
    boolean isDefined = values > 0 && seasonalError > 0;
    return isDefined ? OptionalDouble.of(sum / values / seasonalError) : OptionalDouble.empty();
  }

  /// QL of each level.
  public double[] quantileLosses() {
    double[] losses = new double[levels.length];
    for (int i = 0; i < values; i++) {
      for (int level = 0; level < levels.length; level++) {
        double error = actual[i] - quantiles[i][level];
        losses[level] += 2 * Math.abs(error * ((error <= 0 ? 1 : 0) - levels[level]));
      }
    }
    return losses;
  }

  /// How many values are not above the quantile of each level.
  public int[] covered() {
    int[] covered = new int[levels.length];
    for (int i = 0; i < values; i++) {
      for (int level = 0; level < levels.length; level++) {
        covered[level] += actual[i] <= quantiles[i][level] ? 1 : 0;
      }
    }
    return covered;
  }

  /// How many values are between the quantiles of two levels, told by their places, or on one of them.
  int within(int low, int high) {
    int count = 0;
    for (int i = 0; i < values; i++) {
      boolean isWithin = actual[i] >= quantiles[i][low] && actual[i] <= quantiles[i][high];
      count += isWithin ? 1 : 0;
    }
    return count;
  }

  /// The sum of |y|.
  public double absoluteSum() {
    return Arrays.stream(actual).map(Math::abs).sum();
  }

  private double median(int i) {
    return quantiles[i][Arrays.binarySearch(levels, 0.5)];
  }
}
