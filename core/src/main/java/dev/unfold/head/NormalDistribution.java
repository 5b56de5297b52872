package dev.unfold.head;

/// A normal distribution.
///
/// @param logVariance ln of the variance
record NormalDistribution(double mean, double logVariance) implements Distribution {
  /// From here on the continued fraction has all digits soon.
  private static final double FAR = 2;

  @Override
  public double quantile(double p) {
    return mean + Math.exp(0.5 * logVariance) * standardQuantile(Distribution.checked(p));
  }

  @Override
  public double cdf(double z) {
    double x = (z - mean) * Math.exp(-0.5 * logVariance);
    return x < 0 ? tail(-x) : 1 - tail(x);
  }

  @Override
  public double survival(double z) {
    return new NormalDistribution(0, 0).cdf((mean - z) * Math.exp(-0.5 * logVariance));
  }

  @Override
  public double logDensity(double z) {
    return -new NumberLoss.Normal().compute(new double[] {mean, logVariance}, z, new double[2]);
  }

  /// The quantile for mean 0 and variance 1, by Newton's method on the logarithm of the tail: as that is concave, no
  /// step but the first goes too far.
  ///
  /// **Source**: C. Hastings, Approximations for digital computers, 1955, for where it begins.
  static double standardQuantile(double p) {
    double least = Math.min(p, 1 - p);
    double goal = Math.log(least);
    double t = Math.sqrt(-2 * goal);
    double x =
        Math.max(
            0,
            t
                - (2.515517 + t * (0.802853 + t * 0.010328))
                    / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
    for (int i = 0; i < 100; i++) {
      double tail = tail(x);
      double step = (Math.log(tail) - goal) * tail / density(x);
      x += step;
      if (Math.abs(step) <= 1e-15 * Math.abs(x)) {
        break;
      }
    }
    return p < 0.5 ? -x : x;
  }

  private static double density(double x) {
    return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  }

  /// The probability of more than x, which is 0 or more: near 0 by the series
  /// `1/2 - density(x) (x + x^3 / 3 + x^5 / (3 5) + ...)`, else by the continued fraction
  /// `density(x) / (x + 1 / (x + 2 / (x + 3 / ...)))`.
  private static double tail(double x) {
    if (x < FAR) {
      double sum = 0;
      double term = x;
      for (int k = 1; Math.abs(term) > 1e-18; k++) {
        sum += term;
        term *= x * x / (2 * k + 1);
      }
      return 0.5 - density(x) * sum;
    }
    double fraction = x;
    // What is left out is exp(-2 x sqrt(k)) of the whole.
    for (int k = (int) (10 + 400 / (x * x)); k > 0; k--) {
      fraction = x + k / fraction;
    }
    return density(x) / fraction;
  }
}
