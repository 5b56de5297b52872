package dev.unfold.head;

/// The negative binomial distribution of counts.
///
/// @param logMean ln of the mean
/// @param logShape ln r, for a variance of mean + mean^2 / r
record NegativeBinomialDistribution(double logMean, double logShape) implements Distribution {
  /// With a shape of so much more than the mean it is nearly a Poisson distribution.
  private static final double NEARLY_POISSON = 1e6;

  @Override
  public double quantile(double p) {
    Distribution.checked(p);
    double mean = mean();
    double deviation = Math.sqrt(mean + mean * Math.exp(logMean - logShape));
    double normal = NormalDistribution.standardQuantile(p);
    double guess = Math.max(0, Math.floor(mean + deviation * normal));
    double step = Math.max(1, Math.floor(deviation / 4));
    double below = guess;
    double above = guess;
    while (cdf(above) < p) {
      below = above + 1;
      above += step;
      step *= 2;
    }
    if (above == guess) {
      while (below > 0 && cdf(below - 1) >= p) {
        above = below - 1;
        below = Math.max(0, below - step);
        step *= 2;
      }
    }
    while (below < above) {
      double middle = Math.floor(below + (above - below) / 2);
      if (cdf(middle) >= p) {
        above = middle;
      } else {
        below = middle + 1;
      }
    }
    return above;
  }

  /// I_x(r, k + 1) for k counts, with x = r / (r + mean); or the sum of the probabilities on the side where they fall.
  @Override
  public double cdf(double z) {
    double k = Math.floor(z);
    if (k < 0) {
      return 0;
    }
    double u = logMean - logShape;
    if (logShape - Math.max(0, logMean) < Math.log(NEARLY_POISSON)) {
      return IncompleteBeta.of(
          Math.exp(logShape), k + 1, Logistic.sigmoid(-u), Logistic.sigmoid(u));
    }
    return k < mean() ? down(k) : 1 - up(k + 1);
  }

  /// With the digits of a small one.
  @Override
  public double survival(double z) {
    double k = Math.floor(z);
    if (k < 0) {
      return 1;
    }
    double u = logMean - logShape;
    if (logShape - Math.max(0, logMean) < Math.log(NEARLY_POISSON)) {
      return IncompleteBeta.of(
          k + 1, Math.exp(logShape), Logistic.sigmoid(u), Logistic.sigmoid(-u));
    }
    return k < mean() ? 1 - down(k) : up(k + 1);
  }

  /// The probability of `from` counts or fewer.
  private double down(double from) {
    double sum = 1;
    double term = 1;
    for (double k = from; k > 0 && term > 1e-18 * sum; k--) {
      // p(k - 1) / p(k)
      term *= k / (mean() * (1 + (k - 1) * Math.exp(-logShape))) * growth();
      sum += term;
    }
    return sum * Math.exp(logDensity(from));
  }

  /// The probability of `from` counts or more.
  private double up(double from) {
    double sum = 1;
    double term = 1;
    for (double k = from; term > 1e-18 * sum; k++) {
      // p(k + 1) / p(k)
      term *= (1 + k * Math.exp(-logShape)) * mean() / (k + 1) / growth();
      sum += term;
    }
    return sum * Math.exp(logDensity(from));
  }

  /// 1 + mean / r
  private double growth() {
    return 1 + Math.exp(logMean - logShape);
  }

  @Override
  public double mean() {
    return Math.exp(logMean);
  }

  @Override
  public double logDensity(double z) {
    return z < 0 || z != Math.floor(z)
        ? Double.NEGATIVE_INFINITY
        : -new LearnedCount().compute(new double[] {logMean, logShape}, z, new double[2]);
  }
}
