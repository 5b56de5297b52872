package dev.unfold.head;

/// The regularized incomplete beta function I_x(a, b), by its continued fraction.
///
/// **Source**: W. J. Lentz, Generating Bessel functions in Mie scattering calculations using continued fractions, 1976,
/// for the way to compute one from its beginning.
final class IncompleteBeta {
  private static final int MOST_TERMS = 10_000_000;
  private static final double TINY = 1e-300;

  private IncompleteBeta() {}

  /// I_x(a, b)
  ///
  /// @param x from 0 to 1
  /// @param rest 1 - x, without what rounding has taken from it
  static double of(double a, double b, double x, double rest) {
    if (x <= 0 || rest <= 0) {
      return x <= 0 ? 0 : 1;
    }
    return x < (a + 1) / (a + b + 2) ? converging(a, b, x, rest) : 1 - converging(b, a, rest, x);
  }

  private static double converging(double a, double b, double x, double rest) {
    double logOfBeta =
        a < b ? Gamma.log(a) - Gamma.logOfRatio(b, a) : Gamma.log(b) - Gamma.logOfRatio(a, b);
    double front = a * logarithm(x, rest) + b * logarithm(rest, x) - logOfBeta;
    return Math.exp(front) / a / fraction(a, b, x);
  }

  private static double logarithm(double x, double rest) {
    return x < 0.5 ? Math.log(x) : Math.log1p(-rest);
  }

  /// `1 + d_1 / (1 + d_2 / (1 + ...))`
  private static double fraction(double a, double b, double x) {
    double result = 1;
    double upper = 1;
    double lower = 0;
    for (int i = 1; i < MOST_TERMS; i++) {
      int m = i / 2;
      double d =
          i % 2 == 0
              ? m * (b - m) / (a + i - 1) * x / (a + i)
              : -(a + m) / (a + i - 1) * (a + b + m) / (a + i) * x;
      lower = 1 / apart(1 + d * lower);
      upper = apart(1 + d / upper);
      double factor = upper * lower;
      result *= factor;
      if (Math.abs(factor - 1) < 1e-16) {
        break;
      }
    }
    return result;
  }

  private static double apart(double x) {
    return Math.abs(x) < TINY ? TINY : x;
  }
}
