package dev.unfold.flow;

/// A mean of measurements and the half width of its 95 % interval, by Student's t.
///
/// @param mean of all of them
/// @param halfWidth NaN for a single one
/// @param count how many there are
public record Estimate(double mean, double halfWidth, int count) {
  /// Student's t for 1 to 10 degrees of freedom; about 2 for more.
  private static final double[] T = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228
  };

  static Estimate of(double... values) {
    int n = values.length;
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    double mean = sum / n;
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    double t = n < 2 ? Double.NaN : n - 2 < T.length ? T[n - 2] : 2;
    return new Estimate(mean, t * Math.sqrt(squares / (n - 1) / n), n);
  }

  /// The upper end of the interval; the mean if there is none.
  public double most() {
    return mean + (Double.isNaN(halfWidth) ? 0 : halfWidth);
  }
}
