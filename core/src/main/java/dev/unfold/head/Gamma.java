package dev.unfold.head;

/// The logarithm of the gamma function, and of ratios of its values.
public final class Gamma {
  /// From here on the series below has all digits.
  private static final double LARGE = 10;

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
