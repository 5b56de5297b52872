package dev.unfold.head;

/// The logarithm of the gamma function, and of ratios of its values, with their slopes.
public final class Gamma {
  /// From here on the series below has all digits.
  private static final double LARGE = 10;

  /// As many terms are added up.
  private static final double FEW = 16;

  private Gamma() {}

  /// ln Gamma(x) for x > 0, by Stirling's series, with Gamma(x + 1) = x Gamma(x) below [#LARGE].
  public static double log(double x) {
    double factor = 0;
    double y = x;
    while (y < LARGE) {
      factor += Math.log(y);
      y += 1;
    }
    return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series(y) - factor;
  }

  /// ln Gamma(x + d) - ln Gamma(x) for x and x + d above 0: the difference of two of Stirling's series, of which what
  /// is large and equal has been taken out, as it would take all digits with it.
  public static double logOfRatio(double x, double d) {
    double factor = 0;
    double y = x;
    while (y < LARGE || y + d < LARGE) {
      factor += Math.log1p(d / y);
      y += 1;
    }
    return (y - 0.5 + d) * Math.log1p(d / y)
        + d * (Math.log(y) - 1)
        + series(y + d)
        - series(y)
        - factor;
  }

  /// psi(x + d) - psi(x) for x and x + d above 0, with psi for the slope of ln Gamma: the slope of [#logOfRatio] by x.
  /// By psi(x + 1) = psi(x) + 1 / x, and the slope of Stirling's series.
  public static double slopeOfRatio(double x, double d) {
    double sum = 0;
    double y = x;
    while (y < LARGE || y + d < LARGE) {
      sum += d / y / (y + d);
      y += 1;
    }
    return sum + Math.log1p(d / y) + 0.5 * d / y / (y + d) + slope(y) - slope(y + d);
  }

  /// `d - x (psi(x + d) - psi(x))` for x above 0 and d from 0 on, which is the sum of i / (x + i) over all i below d if
  /// that is whole: nearly nothing where x is large, and so not a difference there.
  static double lag(double x, double d) {
    if (d <= FEW && d == Math.rint(d)) {
      double sum = 0;
      for (int i = 1; i < d; i++) {
        sum += i / (x + i);
      }
      return sum;
    }
    if (x < LARGE) {
      return d - x * slopeOfRatio(x, d);
    }
    return x * Logistic.overLogarithm(d / x) - 0.5 * d / (x + d) - x * (slope(x) - slope(x + d));
  }

  /// What the slope of Stirling's series takes from its first terms: `ln y - 1 / (2 y) - psi(y)`.
  private static double slope(double y) {
    double square = 1 / (y * y);
    return square
        * (1.0 / 12
            - square
                * (1.0 / 120
                    - square
                        * (1.0 / 252
                            - square * (1.0 / 240 - square * (1.0 / 132 - square * 691 / 32760)))));
  }

  /// What Stirling's series adds to its first terms.
  private static double series(double y) {
    double inverse = 1 / y;
    double square = inverse * inverse;
    return inverse
        * (1.0 / 12
            - square
                * (1.0 / 360
                    - square * (1.0 / 1260 - square * (1.0 / 1680 - square * (1.0 / 1188)))));
  }
}
