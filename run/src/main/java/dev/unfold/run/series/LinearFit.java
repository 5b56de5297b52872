package dev.unfold.run.series;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.IntToDoubleFunction;

/// Fits [Linear] ways to foresee to several channels at once, by least squares of the next value, in units of each
/// channel's changes, with a small ridge.
final class LinearFit {
  /// Steps that are fitted, at most; with more, some are left out.
  private static final int MOST_ROWS = 100_000;

  /// Rows for each number that is fitted, at least.
  private static final int ROWS_EACH = 5;

  private static final double RIDGE = 1e-3;

  /// How many of the last values are read one by one.
  private static final int[] RECENT = {3, 12, 30};

  private static final int LONGEST_ANSWER = 1000;

  private final List<double[]> channels;
  private final int context;

  /// @param channels values on their scale, NaN for what is missing
  /// @param context C, whose mean counts
  LinearFit(List<double[]> channels, int context) {
    this.channels = channels;
    this.context = context;
  }

  /// The lags that are tried: few and many of the last values, and values around each of `lags`.
  static List<List<Integer>> lags(List<Integer> lags) {
    List<List<Integer>> all = new ArrayList<>();
    for (int recent : RECENT) {
      TreeSet<Integer> own = new TreeSet<>();
      for (int lag = 2; lag <= recent; lag++) {
        own.add(lag);
      }
      for (int lag : lags) {
        own.addAll(List.of(lag - 1, lag, lag + 1));
      }
      own.removeIf(lag -> lag < 2 || lag > Linear.LONGEST);
      all.add(List.copyOf(own));
    }
    return all;
  }

  /// The one of given lags; empty if there is too little to fit it, or if it would not die out.
  Optional<Linear> of(List<Integer> lags) {
    int count = lags.size() + 1;
    int reach = lags.stream().mapToInt(lag -> lag).max().orElse(1);
    long steps = 0;
    for (double[] y : channels) {
      steps += Math.max(0, y.length - reach - 1);
    }
    if (steps < (long) ROWS_EACH * count) {
      return Optional.empty();
    }
    int stride = (int) Math.ceilDiv(steps, (long) MOST_ROWS);
    double[][] products = new double[count][count];
    double[] answers = new double[count];
    for (double[] y : channels) {
      add(y, lags, reach, stride, products, answers);
    }
    for (int i = 0; i < count; i++) {
      products[i][i] += RIDGE * products[i][i];
    }
    return solved(products, answers)
        .map(weights -> {
          List<Double> ofLags = new ArrayList<>();
          for (int i = 0; i < lags.size(); i++) {
            ofLags.add(weights[i]);
          }
          return new Linear(lags, ofLags, weights[count - 1]);
        })
        .filter(linear -> linear.isStable(LONGEST_ANSWER));
  }

  /// Adds the rows of a channel to the normal equations.
  private void add(
      double[] y,
      List<Integer> lags,
      int reach,
      int stride,
      double[][] products,
      double[] answers) {
    double unit = Baseline.meanChange(y);
    if (!(unit > 0)) {
      return;
    }
    IntToDoubleFunction means = means(y);
    double[] row = new double[answers.length];
    for (int t = reach + 1; t < y.length; t += stride) {
      double last = y[t - 1];
      double answer = (y[t] - last) / unit;
      if (Double.isNaN(answer)) {
        continue;
      }
      for (int i = 0; i < lags.size(); i++) {
        double distance = (y[t - lags.get(i)] - last) / unit;
        row[i] = Double.isNaN(distance) ? 0 : distance;
      }
      row[row.length - 1] = (means.applyAsDouble(t) - last) / unit;
      for (int i = 0; i < row.length; i++) {
        for (int j = 0; j <= i; j++) {
          products[i][j] += row[i] * row[j];
        }
        answers[i] += row[i] * answer;
      }
    }
  }

  /// The mean of the context before each step that has a value before it.
  private IntToDoubleFunction means(double... y) {
    double[] sums = new double[y.length + 1];
    int[] counts = new int[y.length + 1];
    for (int t = 0; t < y.length; t++) {
      boolean has = !Double.isNaN(y[t]);
      sums[t + 1] = sums[t] + (has ? y[t] : 0);
      counts[t + 1] = counts[t] + (has ? 1 : 0);
    }
    return t -> {
      int from = Math.max(0, t - context);
      return (sums[t] - sums[from]) / (counts[t] - counts[from]);
    };
  }

  /// The solution of the normal equations by Cholesky's method; empty if they have none.
  ///
  /// @param products their lower triangle, which is overwritten
  private static Optional<double[]> solved(double[][] products, double... answers) {
    int n = answers.length;
    double[] x = answers.clone();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = products[i][j];
        for (int k = 0; k < j; k++) {
          sum -= products[i][k] * products[j][k];
        }
        if (i == j && !(sum > 0)) {
          return Optional.empty();
        }
        products[i][j] = i == j ? Math.sqrt(sum) : sum / products[j][j];
      }
    }
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < i; k++) {
        x[i] -= products[i][k] * x[k];
      }
      x[i] /= products[i][i];
    }
    for (int i = n - 1; i >= 0; i--) {
      for (int k = i + 1; k < n; k++) {
        x[i] -= products[k][i] * x[k];
      }
      x[i] /= products[i][i];
    }
    for (double each : x) {
      if (!Double.isFinite(each)) {
        return Optional.empty();
      }
    }
    return Optional.of(x);
  }
}
