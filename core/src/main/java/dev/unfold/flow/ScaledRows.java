package dev.unfold.flow;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;

/// Adds up rows that each error holds at a scale of its own: number = stored 2^-e with an exponent e for each error.
/// Scaling by powers of two is exact, so an error is followed below the least number of its precision, and no product
/// meets subnormal numbers, which some processors compute many times as slowly.
///
/// Where scales meet, the one that magnifies less counts for both: what is lost then is far below the last bit.
///
/// **Threads**: one caller.
final class ScaledRows {
  /// The exponent of rows of zeros, which have any scale.
  static final int ANY = Integer.MAX_VALUE;

  /// An error that has shrunk or grown so much as a power of two is held at another scale.
  private static final int STEP = 32;

  private static final double SMALL = Math.scalb(1.0, -STEP);
  private static final double LARGE = Math.scalb(1.0, STEP);

  private final Kernels kernels;

  /// Rows that belong to one error.
  private final int batch;

  private final PointwiseKernel copy;
  private final PointwiseKernel add;
  private final PointwiseKernel scale;

  ScaledRows(Kernels kernels, int batch) {
    this.kernels = kernels;
    this.batch = batch;
    copy = kernels.prepare(Pointwise.of(Pointwise.Op.COPY));
    add = kernels.prepare(Pointwise.of(Pointwise.Op.ADD));
    scale = kernels.prepare(scaling());
  }

  private static Pointwise scaling() {
    Pointwise.Builder b = Pointwise.builder();
    Pointwise.Slot target = b.operand();
    Pointwise.Slot factor = b.scalar();
    return b.emit(Pointwise.Op.MULTIPLY, target, target, factor).build();
  }

  /// Copies the rows of the errors from `first` on with their scales.
  void copy(Matrix from, int[] fromExponents, Matrix to, int[] toExponents, int first) {
    int rows = from.rows() - first * batch;
    copy.run(new Matrix[] {to.rows(first * batch, rows), from.rows(first * batch, rows)});
    System.arraycopy(fromExponents, first, toExponents, first, toExponents.length - first);
  }

  /// Adds the rows of the errors from `first` on; `from` is at the same scale as the sum after this.
  void add(Matrix from, int[] fromExponents, Matrix to, int[] toExponents, int first) {
    for (int e = first; e < toExponents.length; e++) {
      int common = Math.min(fromExponents[e], toExponents[e]);
      moveTo(common, from, fromExponents, e);
      moveTo(common, to, toExponents, e);
    }
    int rows = from.rows() - first * batch;
    add.run(new Matrix[] {to.rows(first * batch, rows), from.rows(first * batch, rows)});
  }

  /// Holds the rows of error e at the scale `exponent`.
  void moveTo(int exponent, Matrix rows, int[] exponents, int e) {
    if (exponents[e] != exponent) {
      if (exponents[e] != ANY) {
        scale(rows, e, exponent - exponents[e]);
      }
      exponents[e] = exponent;
    }
  }

  /// Multiplies the rows of error e by 2^`power`.
  void scale(Matrix rows, int e, int power) {
    scale.run(new Matrix[] {rows.rows(e * batch, batch)}, Math.scalb(1.0, power));
  }

  /// By which power of two the rows of error e should be multiplied to be near 1: 0 if they are.
  int wanted(Matrix[] rows, int e) {
    double square = 0;
    for (Matrix matrix : rows) {
      square += kernels.sumOfSquares(matrix.rows(e * batch, batch));
    }
    double norm = Math.sqrt(square);
    if (norm == 0 || !Double.isFinite(norm)) {
      return 0;
    }
    return norm < SMALL ? STEP : norm > LARGE ? -STEP : 0;
  }
}
