package dev.unfold.tangent;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Parameters;

/// What all steps of all sequences add to the derivative of some numbers of a parameter: a sum over the rows. No two
/// shares of a gradient are about the same numbers.
///
/// **Shapes**: row t*B + b is that of step t of sequence b.
sealed interface Share {
  /// Adds the sum to `gradients`.
  void addTo(Kernels kernels, Parameters gradients);

  /// What the rows of sequence b of B = `batch` add.
  Share sequence(int b, int batch);

  /// The squared length of the sum, from products of rows alone.
  double squaredNorm();

  /// Rows of a matrix from `from` on: sum of delta^T operand.
  record Outer(String parameter, int from, Matrix delta, Matrix operand) implements Share {
    @Override
    public void addTo(Kernels kernels, Parameters gradients) {
      Matrix target = gradients.matrix(parameter).rows(from, delta.cols());
      kernels.multiplyTransposedAdd(delta, operand, target);
    }

    @Override
    public Share sequence(int b, int batch) {
      return new Outer(parameter, from, every(delta, b, batch), every(operand, b, batch));
    }

    /// |sum_t d_t u_t^T|^2 = sum_{t,t'} (d_t . d_t') (u_t . u_t')
    @Override
    public double squaredNorm() {
      double[][] deltas = rows(delta);
      double[][] operands = rows(operand);
      return pairs(
          deltas.length, (t, s) -> dot(deltas[t], deltas[s]) * dot(operands[t], operands[s]));
    }
  }

  /// Numbers of a vector from `from` on: sum of delta.
  record Sum(String parameter, int from, Matrix delta) implements Share {
    @Override
    public void addTo(Kernels kernels, Parameters gradients) {
      kernels.sumRowsAdd(delta, gradients.matrix(parameter).columns(from, delta.cols()));
    }

    @Override
    public Share sequence(int b, int batch) {
      return new Sum(parameter, from, every(delta, b, batch));
    }

    @Override
    public double squaredNorm() {
      double[] sum = new double[delta.cols()];
      for (double[] row : rows(delta)) {
        for (int c = 0; c < sum.length; c++) {
          sum[c] += row[c];
        }
      }
      return dot(sum, sum);
    }
  }

  /// Rows of a table that were looked up: to row tokens(r), row r of delta.
  record LookedUp(String parameter, int[] tokens, Matrix delta) implements Share {
    @Override
    public void addTo(Kernels kernels, Parameters gradients) {
      kernels.scatterAdd(delta, tokens, 0, gradients.matrix(parameter));
    }

    @Override
    public Share sequence(int b, int batch) {
      Matrix own = every(delta, b, batch);
      int[] read = new int[own.rows()];
      for (int t = 0; t < read.length; t++) {
        read[t] = tokens[t * batch + b];
      }
      return new LookedUp(parameter, read, own);
    }

    @Override
    public double squaredNorm() {
      double[][] deltas = rows(delta);
      return pairs(deltas.length, (t, s) -> tokens[t] == tokens[s] ? dot(deltas[t], deltas[s]) : 0);
    }
  }

  /// A value of two steps, which is the same whichever comes first.
  interface Pair {
    double of(int t, int s);
  }

  private static double pairs(int steps, Pair pair) {
    double sum = 0;
    for (int t = 0; t < steps; t++) {
      sum += pair.of(t, t);
      for (int s = 0; s < t; s++) {
        sum += 2 * pair.of(t, s);
      }
    }
    return sum;
  }

  /// Every `batch`-th row from row `b` on.
  private static Matrix every(Matrix all, int b, int batch) {
    long offset = all.offset() + (long) b * all.stride();
    int stride = Math.multiplyExact(batch, all.stride());
    return Matrix.of(all.buffer(), offset, all.rows() / batch, all.cols(), stride);
  }

  private static double[][] rows(Matrix matrix) {
    Matrix here = matrix.toHost();
    double[][] rows = new double[here.rows()][];
    for (int r = 0; r < rows.length; r++) {
      rows[r] = here.row(r);
    }
    return rows;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
