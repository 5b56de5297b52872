package dev.unfold.head;

import java.util.List;

/// The distribution that a few quantiles tell: even between two of them, so that the quantile is linear in the level,
/// and falling off exponentially beyond the lowest and the highest, beginning with the density that is next to them:
///
///     Q(p) = f_0 + s p_0 ln(p / p_0)        s = (f_1 - f_0) / (p_1 - p_0)        p < p_0, and the same above
///
/// @param levels two or more, rising
/// @param values the quantiles at the levels, none below the one before
record QuantileDistribution(List<Double> levels, double... values) implements Distribution {
  @Override
  public double quantile(double p) {
    Distribution.checked(p);
    int last = values.length - 1;
    if (p < level(0)) {
      return values[0] + slope(0) * level(0) * Math.log(p / level(0));
    }
    if (p > level(last)) {
      double rest = 1 - level(last);
      return values[last] - slope(last - 1) * rest * Math.log((1 - p) / rest);
    }
    int gap = 0;
    while (gap < last - 1 && p > level(gap + 1)) {
      gap++;
    }
    return p == level(gap + 1) ? values[gap + 1] : values[gap] + slope(gap) * (p - level(gap));
  }

  @Override
  public double cdf(double z) {
    int last = values.length - 1;
    if (z < values[0]) {
      return level(0) * Math.exp((z - values[0]) / (slope(0) * level(0)));
    }
    if (z >= values[last]) {
      double rest = 1 - level(last);
      return 1 - rest * Math.exp(-(z - values[last]) / (slope(last - 1) * rest));
    }
    int gap = gap(z);
    return level(gap) + (z - values[gap]) / slope(gap);
  }

  @Override
  public double survival(double z) {
    int last = values.length - 1;
    double rest = 1 - level(last);
    return z < values[last]
        ? 1 - cdf(z)
        : rest * Math.exp(-(z - values[last]) / (slope(last - 1) * rest));
  }

  /// The mean of what lies between and beyond the quantiles: the sum of `(p_{q+1} - p_q) (f_q + f_{q+1}) / 2`, of
  /// `p_0 (f_0 - s p_0)`, and of the same above.
  @Override
  public double mean() {
    int last = values.length - 1;
    double rest = 1 - level(last);
    double sum =
        level(0) * (values[0] - slope(0) * level(0))
            + rest * (values[last] + slope(last - 1) * rest);
    for (int q = 0; q < last; q++) {
      sum += (level(q + 1) - level(q)) * 0.5 * (values[q] + values[q + 1]);
    }
    return sum;
  }

  @Override
  public double logDensity(double z) {
    int last = values.length - 1;
    if (z < values[0]) {
      return -Math.log(slope(0)) + (z - values[0]) / (slope(0) * level(0));
    }
    if (z >= values[last]) {
      double slope = slope(last - 1);
      return -Math.log(slope) - (z - values[last]) / (slope * (1 - level(last)));
    }
    return -Math.log(slope(gap(z)));
  }

  /// The last gap that begins at z or below; z lies between the first of the quantiles and the last.
  private int gap(double z) {
    int gap = 0;
    while (z >= values[gap + 1]) {
      gap++;
    }
    return gap;
  }

  private double level(int q) {
    return levels.get(q);
  }

  /// By how much the quantile rises with the level from q to q + 1.
  private double slope(int q) {
    return (values[q + 1] - values[q]) / (level(q + 1) - level(q));
  }
}
