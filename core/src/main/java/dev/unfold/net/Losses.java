package dev.unfold.net;

import dev.unfold.kernels.Matrix;
import java.util.Arrays;

/// Which steps of a batch have a loss, how much each counts, and their sum.
final class Losses {
  private final Arrangement arrangement;
  private final int batch;
  private final double[] given;
  private final double[] scales;
  private final int[] targets;

  /// How many losses each sequence has.
  private final int[] counts;

  Losses(Arrangement arrangement) {
    this.arrangement = arrangement;
    batch = arrangement.live.batch();
    int rows = arrangement.live.capacity() * batch;
    given = new double[rows];
    scales = new double[rows];
    targets = new int[rows];
    counts = new int[batch];
  }

  /// What each row's loss counts: 0 if it has none.
  double[] scales() {
    return scales;
  }

  /// The target of each row that has one.
  int[] targets() {
    return targets;
  }

  /// E_t of sequence b at t*B + b.
  double[] given() {
    return given;
  }

  /// Finds the rows that have a target.
  void count(int[] source, int from, Reduction reduction) {
    for (int row = 0; row < arrangement.rows(); row++) {
      int target = source[from + arrangement.given(row)];
      boolean counts = target != UnrolledNetwork.NO_TARGET;
      targets[row] = counts ? target : 0;
      scales[row] = counts ? 1 : 0;
    }
    scale(reduction);
  }

  /// Finds the rows that have a distribution.
  void count(Matrix source, Reduction reduction) {
    for (int row = 0; row < arrangement.rows(); row++) {
      scales[row] = isZero(source, arrangement.given(row)) ? 0 : 1;
    }
    scale(reduction);
  }

  private static boolean isZero(Matrix matrix, int row) {
    for (int c = 0; c < matrix.cols(); c++) {
      if (matrix.get(row, c) != 0) {
        return false;
      }
    }
    return true;
  }

  private void scale(Reduction reduction) {
    if (reduction == Reduction.SUM) {
      return;
    }
    Arrays.fill(counts, 0);
    int all = 0;
    int sequences = 0;
    for (int row = 0; row < arrangement.rows(); row++) {
      if (scales[row] != 0) {
        all++;
        int b = arrangement.given(row) % batch;
        sequences += counts[b] == 0 ? 1 : 0;
        counts[b]++;
      }
    }
    for (int row = 0; row < arrangement.rows(); row++) {
      if (scales[row] != 0) {
        int own = counts[arrangement.given(row) % batch];
        scales[row] = 1.0 / (reduction == Reduction.MEAN ? all : (double) sequences * own);
      }
    }
  }

  /// The sum of all losses times what each counts, from those of the rows.
  double sum(double[] ofRows) {
    Arrays.fill(given, 0);
    for (int row = 0; row < arrangement.rows(); row++) {
      given[arrangement.given(row)] = ofRows[row];
    }
    double sum = 0;
    for (int row = 0; row < arrangement.rows(); row++) {
      sum += scales[row] == 0 ? 0 : ofRows[row] * scales[row];
    }
    return sum;
  }
}
