package dev.unfold.head;

/// [LearnedNegativeBinomial] of one number.
record LearnedCount() implements NumberLoss {
  /// From here on ln r makes a difference to nothing that can be represented, and r is still a number.
  private static final double LARGEST = 690;

  /// Far below 0, where exp(u) is all that counts.
  private static final double FAR = -40;

  @Override
  public double compute(double[] y, double z, double[] slopes) {
    double m = y[0];
    double a = y[1];
    double u = m - a;
    double shape = Math.exp(Math.min(a, LARGEST));
    double drawn = u < FAR ? Math.exp(m) : shape * Logistic.softplus(u);
    double ofMean = u < FAR ? Math.exp(m) : shape * Logistic.sigmoid(u);
    slopes[0] = z == 0 ? ofMean : ofMean - z * Logistic.sigmoid(-u);
    slopes[1] = ofMean(m, a, shape) + (z == 0 ? 0 : ofCount(u, z, shape));
    return drawn + (z == 0 ? 0 : counted(m, a, z, shape));
  }

  /// `r (ln(1 + exp(u)) - sigmoid(u))`, which is about r exp(2 u) / 2 far below 0.
  private static double ofMean(double m, double a, double shape) {
    double u = m - a;
    if (u < FAR) {
      return 0.5 * Math.exp(m + u);
    }
    double sigmoid = Logistic.sigmoid(u);
    return shape * (u <= 0 ? Logistic.overLogarithm(-sigmoid) : Logistic.softplus(u) - sigmoid);
  }

  /// `z sigmoid(-u) - r (psi(z + r) - psi(r))`: the difference to z of each, where both are nearly z.
  private static double ofCount(double u, double z, double shape) {
    return u <= 0
        ? Gamma.lag(shape, z) - z * Logistic.sigmoid(u)
        : z * Logistic.sigmoid(-u) - 1 - shape * Gamma.slopeOfRatio(shape + 1, z - 1);
  }

  /// `z ln(1 + exp(-u)) + ln(Gamma(r) z! / Gamma(z + r))` for z above 0. With r above z, and above the mean, z ln r is
  /// in both and taken out; with r below it, Gamma(r) is Gamma(r + 1) / r, and the two that are nearest to each other
  /// are z! and Gamma(z + r).
  private static double counted(double m, double a, double z, double shape) {
    double u = m - a;
    if (shape < z + 1) {
      double ratio = Gamma.log(shape + 1) - a - Gamma.logOfRatio(z + 1, shape - 1);
      return z * Logistic.softplus(-u) + ratio;
    }
    double ratio = Gamma.logOfRatio(shape, z);
    return u <= 0
        ? z * Logistic.softplus(u) - z * m - (ratio - z * Math.log(shape)) + Gamma.log(z + 1)
        : z * Logistic.softplus(-u) - ratio + Gamma.log(z + 1);
  }
}
