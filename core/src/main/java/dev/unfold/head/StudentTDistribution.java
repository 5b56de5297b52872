package dev.unfold.head;

/// Student's t distribution.
///
/// @param logScale ln of the scale
record StudentTDistribution(double location, double logScale, double degrees)
    implements Distribution {
  /// From here on it is normal, but for a correction.
  private static final double MANY = 1e8;

  @Override
  public double quantile(double p) {
    double least = Math.min(Distribution.checked(p), 1 - p);
    double t = least == 0.5 ? 0 : upper(least);
    return location + Math.exp(logScale) * (p < 0.5 ? -t : t);
  }

  @Override
  public double cdf(double z) {
    double t = (z - location) * Math.exp(-logScale);
    return t < 0 ? tail(-t) : 1 - tail(t);
  }

  @Override
  public double survival(double z) {
    double t = (z - location) * Math.exp(-logScale);
    return t < 0 ? 1 - tail(-t) : tail(t);
  }

  @Override
  public double mean() {
    return degrees > 1 ? location : Double.NaN;
  }

  @Override
  public double logDensity(double z) {
    NumberLoss loss = NumberLoss.of(new ValueLoss.StudentT(degrees));
    return -loss.compute(new double[] {location, logScale}, z, new double[2]);
  }

  /// The probability of more than t, which is 0 or more: half of I_x(n/2, 1/2) at x = n / (n + t^2).
  private double tail(double t) {
    if (degrees > MANY) {
      double z = t * (1 - 0.25 / degrees) / Math.sqrt(1 + 0.5 * t * t / degrees);
      return new NormalDistribution(0, 0).cdf(-z);
    }
    double ratio = t / Math.sqrt(degrees);
    double square = ratio * ratio;
    double x = 1 / (1 + square);
    double rest = square > 1 ? 1 / (1 + 1 / square) : square * x;
    return 0.5 * IncompleteBeta.of(0.5 * degrees, 0.5, x, rest);
  }

  /// The t whose [#tail] is p, below 1/2: Newton's method on the logarithm of the tail, between the largest number
  /// known to be below and the least known to be above.
  private double upper(double p) {
    double goal = Math.log(p);
    double below = 0;
    double above = Double.POSITIVE_INFINITY;
    double normal = -NormalDistribution.standardQuantile(p);
    double square = normal * normal;
    double n = Math.max(degrees, 2);
    double t =
        normal * (1 + (square + 1) / (4 * n) + (square * (5 * square + 16) + 3) / (96 * n * n));
    double constant = new ValueLoss.StudentT(degrees).constant();
    for (int i = 0; i < 2000; i++) {
      double tail = tail(t);
      double distance = Math.log(tail) - goal;
      if (distance > 0) {
        below = t;
      } else {
        above = t;
      }
      double loss = 0.5 * (degrees + 1) * Math.log1p(t / degrees * t) + constant;
      double next = t + distance * tail * Math.exp(loss);
      if (!(next > below && next < above)) {
        next = above == Double.POSITIVE_INFINITY ? 2 * t : 0.5 * (below + above);
      }
      if (Math.abs(next - t) <= 1e-15 * t) {
        return next;
      }
      t = next;
    }
    return t;
  }
}
