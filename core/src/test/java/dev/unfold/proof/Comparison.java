package dev.unfold.proof;

import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;

/// Compares numbers with expected ones and keeps the largest error.
///
/// **Tolerance**: in double 1e-10, relative to the number or absolute if it is under 1. In float 1e-5 of the
/// largest number of the same tensor: an element of a gradient is a sum of up to T*B*H products, and its
/// rounding error grows with the largest of them and the square root of their count, whatever is left of the
/// sum after cancellation; 2^-24 sqrt(500) is 1.3e-6, which leaves room for the steps before.
final class Comparison {
  private static final double DOUBLE_TOLERANCE = 1e-10;
  private static final double FLOAT_TOLERANCE = 1e-5;

  private final Precision precision;
  private double largest;

  Comparison(Precision precision) {
    this.precision = precision;
  }

  /// The largest error so far, in the terms of the tolerance.
  double largest() {
    return largest;
  }

  void compare(String name, double expected, double got) {
    compare(name, new double[] {expected}, new double[] {got});
  }

  void compare(String name, GoldenTensor expected, Matrix got) {
    double[] values = new double[got.rows() * got.cols()];
    for (int r = 0; r < got.rows(); r++) {
      for (int c = 0; c < got.cols(); c++) {
        values[r * got.cols() + c] = Numbers.get(got, r, c);
      }
    }
    compare(name, expected.data(), values);
  }

  void compare(String name, double[] expected, double[] got) {
    if (expected.length != got.length) {
      throw new AssertionError(
          name + ": expected " + expected.length + " numbers, got " + got.length);
    }
    double magnitude = 0;
    for (double value : expected) {
      magnitude = Math.max(magnitude, Math.abs(value));
    }
    double tolerance = precision == Precision.DOUBLE ? DOUBLE_TOLERANCE : FLOAT_TOLERANCE;
    for (int i = 0; i < expected.length; i++) {
      double size = precision == Precision.DOUBLE ? Math.max(1, Math.abs(expected[i])) : magnitude;
      double difference = Math.abs(got[i] - expected[i]);
      double error = difference == 0 ? 0 : difference / size;
      // Written so that NaN fails.
      if (!(error <= tolerance)) {
        throw new AssertionError(
            name + "[" + i + "]: expected " + expected[i] + ", got " + got[i] + ", error " + error);
      }
      largest = Math.max(largest, error);
    }
  }
}
