package dev.unfold.run.series;

import java.util.Arrays;
import java.util.List;

/// How the targets of an event go together: where many things are measured, what one shows follows from the others
/// better than from the past. With e how far the values are from what was expected, S their covariance and P the
/// inverse of `S + 0.0001 diag(S)`, what the others leave of target k, by its deviation, is
///
///     r_k = sum_j P_kj e_j / sqrt(P_kk)
///
/// What is missing counts as expected.
///
/// @param rows `P_kj / sqrt(P_kk)`; none for one target, or very many
record Relation(double[]... rows) {
  /// Targets at most.
  private static final int MOST = 64;

  /// What is added to variances, as a share.
  private static final double RIDGE = 1e-4;

  /// Events with a value of so many deviations or more are left out: what is odd says nothing of what is usual.
  private static final double FAR = 6;

  /// The one that distances show, each `[target][step]`, NaN for missing.
  static Relation of(List<double[][]> all) {
    int targets = all.getFirst().length;
    double[][] none = new double[targets][0];
    if (targets < 2 || targets > MOST) {
      return new Relation(none);
    }
    double[] most = new double[targets];
    Arrays.fill(most, Double.POSITIVE_INFINITY);
    double[][] covariance = covariance(all, most);
    for (int k = 0; k < targets; k++) {
      most[k] = FAR * Math.sqrt(covariance[k][k]);
    }
    covariance = covariance(all, most);
    for (int k = 0; k < targets; k++) {
      if (!(covariance[k][k] > 0)) {
        return new Relation(none);
      }
      covariance[k][k] *= 1 + RIDGE;
    }
    double[][] inverse = inverse(covariance);
    double[][] rows = new double[targets][targets];
    for (int k = 0; k < targets; k++) {
      for (int j = 0; j < targets; j++) {
        rows[k][j] = inverse[k][j] / Math.sqrt(inverse[k][k]);
        if (!Double.isFinite(rows[k][j])) {
          return new Relation(none);
        }
      }
    }
    return new Relation(rows);
  }

  /// About 0, over the events that are whole.
  private static double[][] covariance(List<double[][]> all, double... most) {
    int targets = most.length;
    double[][] sums = new double[targets][targets];
    long count = 0;
    for (double[][] each : all) {
      for (int t = 0; t < each[0].length; t++) {
        if (!isWhole(each, t, most)) {
          continue;
        }
        count++;
        for (int k = 0; k < targets; k++) {
          for (int j = 0; j < targets; j++) {
            sums[k][j] += each[k][t] * each[j][t];
          }
        }
      }
    }
    for (double[] row : sums) {
      for (int j = 0; j < targets; j++) {
        row[j] /= Math.max(1, count);
      }
    }
    return sums;
  }

  private static boolean isWhole(double[][] of, int t, double... most) {
    for (int k = 0; k < most.length; k++) {
      if (!(Math.abs(of[k][t]) <= most[k])) {
        return false;
      }
    }
    return true;
  }

  /// Of a matrix that is positive definite, by elimination.
  private static double[][] inverse(double[][] of) {
    int size = of.length;
    double[][] left = new double[size][];
    double[][] right = new double[size][size];
    for (int i = 0; i < size; i++) {
      left[i] = of[i].clone();
      right[i][i] = 1;
    }
    for (int i = 0; i < size; i++) {
      double pivot = left[i][i];
      for (int j = 0; j < size; j++) {
        left[i][j] /= pivot;
        right[i][j] /= pivot;
      }
      for (int k = 0; k < size; k++) {
        double factor = left[k][i];
        for (int j = 0; k != i && j < size; j++) {
          left[k][j] -= factor * left[i][j];
          right[k][j] -= factor * right[i][j];
        }
      }
    }
    return right;
  }

  /// The row of a target, to be kept.
  List<Double> row(int target) {
    return Arrays.stream(rows[target]).boxed().toList();
  }

  /// `ln(1 + |r|)` of a target; NaN if it is missing, or goes with no others.
  double score(int target, double... distances) {
    double[] row = rows[target];
    if (row.length == 0 || Double.isNaN(distances[target])) {
      return Double.NaN;
    }
    double sum = 0;
    for (int j = 0; j < row.length; j++) {
      sum += Double.isNaN(distances[j]) ? 0 : row[j] * distances[j];
    }
    return Math.log1p(Math.abs(sum));
  }
}
