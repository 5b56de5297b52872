package dev.unfold.net;

/// The logarithm of the gamma function.
final class Gamma {
  /// From here on the series below has all digits.
  private static final double LARGE = 10;

  private Gamma() {}

  /// ln Gamma(x) for x > 0, by Stirling's series, with Gamma(x + 1) = x Gamma(x) below [#LARGE].
  static double log(double x) {
    double factor = 0;
    double y = x;
    while (y < LARGE) {
      factor += Math.log(y);
      y += 1;
    }
    double inverse = 1 / y;
    double square = inverse * inverse;
    double series =
        inverse
            * (1.0 / 12
                - square
                    * (1.0 / 360
                        - square * (1.0 / 1260 - square * (1.0 / 1680 - square * (1.0 / 1188)))));
    return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series - factor;
  }
}
