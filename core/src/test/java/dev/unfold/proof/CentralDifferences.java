package dev.unfold.proof;

import dev.unfold.kernels.storage.Matrix;
import java.util.function.Supplier;

/// Compares derivatives of a sum with differences of the sum itself.
///
/// The stencil has seven points: with f_i = f(x + i h)
///
///     f'(x) = (45 (f_1 - f_-1) - 9 (f_2 - f_-2) + (f_3 - f_-3)) / (60 h) + h^6 f^(7)(x) / 140
///
/// With h = 1e-3 cutting off the series costs 1e-20 f^(7), and rounding the seven values some eps / h = 2e-13 for
/// terms near 1, which are subtracted one by one before they are summed: for a derivative over 1e-4 both are
/// well under 1e-7 of it. A two-point stencil can't reach that with any h.
public final class CentralDifferences {
  private static final double H = 1e-3;

  /// Derivatives smaller than this are compared as if they were of this size: rounding is not small against
  /// 1e-7 of them.
  private static final double FLOOR = 1e-4;

  private final Supplier<double[]> terms;
  private double largest;
  private String place = "nowhere";

  /// Derivatives of the sum of `terms`.
  public CentralDifferences(Supplier<double[]> terms) {
    this.terms = terms;
  }

  /// The largest relative error so far.
  public double largest() {
    return largest;
  }

  /// Where it is.
  public String place() {
    return place;
  }

  /// Compares the derivatives with respect to all numbers of `values`.
  void compare(String name, Matrix values, Matrix derivatives) {
    for (int r = 0; r < values.rows(); r++) {
      for (int c = 0; c < values.cols(); c++) {
        double expected = derivative(values, r, c);
        double got = Numbers.get(derivatives, r, c);
        double size = Math.max(FLOOR, Math.max(Math.abs(expected), Math.abs(got)));
        double error = Math.abs(got - expected) / size;
        // A NaN is the largest error of all.
        if (!(error <= largest)) {
          largest = error;
          place = name + "(" + r + ", " + c + "): expected " + expected + ", got " + got;
        }
      }
    }
  }

  private double derivative(Matrix values, int r, int c) {
    double x = Numbers.get(values, r, c);
    double sum = 0;
    double[] weights = {45, -9, 1};
    for (int i = 1; i <= 3; i++) {
      Numbers.set(values, r, c, x + i * H);
      double[] above = terms.get();
      Numbers.set(values, r, c, x - i * H);
      double[] below = terms.get();
      for (int t = 0; t < above.length; t++) {
        sum += weights[i - 1] * (above[t] - below[t]);
      }
    }
    Numbers.set(values, r, c, x);
    return sum / (60 * H);
  }
}
