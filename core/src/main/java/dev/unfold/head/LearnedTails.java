package dev.unfold.head;

/// [LearnedStudentT] of one number: what it shares with fixed degrees, and the slope by the degrees.
record LearnedTails() implements NumberLoss {
  @Override
  public double compute(double[] y, double z, double[] slopes) {
    double degrees = LearnedStudentT.degrees(y[2]);
    double constant = new ValueLoss.StudentT(degrees).constant();
    double loss = new HeavyTailed(degrees, constant).compute(y, z, slopes);
    slopes[2] = slope(y[0] - z, y[1], degrees) * Logistic.sigmoid(y[2]);
    return loss;
  }

  /// By the degrees n: `1/2 (ln(1 + x) - x / (1 + x) - 1/n x / (1 + x))` and that of the constant, each of which is
  /// about 1 / n^2 where n is large, though all their terms are more.
  private static double slope(double d, double s, double degrees) {
    double ofConstant = Gamma.lag(degrees / 2, 0.5) / degrees;
    if (d == 0) {
      return ofConstant;
    }
    double half = Math.exp(-0.5 * s);
    double t = Math.abs(d * half * half) / Math.sqrt(degrees);
    double x = t * t;
    double share = t <= 1 ? x / (1 + x) : 1 / (1 + 1 / x);
    double over =
        t <= 1 ? Logistic.overLogarithm(-share) : HeavyTailed.growth(d, s, t, degrees) - share;
    return 0.5 * (over - share / degrees) + ofConstant;
  }
}
