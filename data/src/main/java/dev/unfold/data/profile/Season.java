package dev.unfold.data.profile;

import java.util.Optional;

/// A season of a series: after so many steps it is like itself again.
///
/// @param lag how many
/// @param strength the autocorrelation there, up to 1, of the differences or of what a straight line leaves
/// @param isOfDifferences which of the two
public record Season(int lag, double strength, boolean isOfDifferences) {
  /// What is below may be chance, or too weak to build on. Walks at random have weak seasons, and none in differences.
  private static final double WEAKEST = 0.2;

  private static final double WEAKEST_OF_LEVELS = 0.4;

  /// In deviations of the autocorrelation of noise; there are many lags, and those of differences vary more.
  private static final double CHANCE = 4.5;

  /// How much higher a season is than what lies between it and lag 1.
  private static final double PROMINENCE = 0.15;

  /// How often a season is there, at least. Differences have no trend that looks like one; what a line leaves may.
  private static final int PERIODS = 3;

  private static final int PERIODS_OF_LEVELS = 6;

  /// The shortest season of those that are nearly as strong as the strongest.
  ///
  /// @param series evenly spaced; NaN is missing
  public static Optional<Season> of(double... series) {
    Optional<Season> ofDifferences = peak(differences(series), PERIODS, WEAKEST);
    Optional<Season> ofLevels = peak(withoutLine(series), PERIODS_OF_LEVELS, WEAKEST_OF_LEVELS);
    if (ofDifferences.isEmpty() || ofLevels.isEmpty()) {
      return ofDifferences.or(() -> ofLevels);
    }
    return ofDifferences.get().strength >= ofLevels.get().strength ? ofDifferences : ofLevels;
  }

  private static Optional<Season> peak(double[] series, int periods, double weakest) {
    int lags = series.length / periods;
    if (lags < 2) {
      return Optional.empty();
    }
    double[] r = Autocorrelation.of(series, lags + 1 < series.length ? lags + 1 : lags);
    if (r == null) {
      return Optional.empty();
    }
    double strongest = 0;
    double lowest = 1;
    boolean[] isPeak = new boolean[lags + 1];
    for (int k = 1; k <= lags && k + 1 < r.length; k++) {
      isPeak[k] =
          k > 1
              && r[k] >= r[k - 1]
              && r[k] >= r[k + 1]
              && r[k] >= Math.max(weakest, CHANCE / Math.sqrt(series.length - k))
              && r[k] - lowest >= PROMINENCE;
      strongest = isPeak[k] ? Math.max(strongest, r[k]) : strongest;
      lowest = Math.min(lowest, r[k]);
    }
    for (int k = 2; k <= lags; k++) {
      if (isPeak[k] && r[k] >= 0.8 * strongest) {
        // The mean over the pairs of a lag may be above that over all values.
        return Optional.of(new Season(k, Math.min(1, r[k]), weakest == WEAKEST));
      }
    }
    return Optional.empty();
  }

  private static double[] differences(double[] series) {
    double[] differences = new double[Math.max(0, series.length - 1)];
    for (int i = 0; i < differences.length; i++) {
      differences[i] = series[i + 1] - series[i];
    }
    return differences;
  }

  /// What the straight line that fits best leaves.
  private static double[] withoutLine(double[] series) {
    double n = 0;
    double t = 0;
    double y = 0;
    for (int i = 0; i < series.length; i++) {
      if (!Double.isNaN(series[i])) {
        n++;
        t += i;
        y += series[i];
      }
    }
    double meanT = t / n;
    double meanY = y / n;
    double tt = 0;
    double ty = 0;
    for (int i = 0; i < series.length; i++) {
      if (!Double.isNaN(series[i])) {
        tt += (i - meanT) * (i - meanT);
        ty += (i - meanT) * (series[i] - meanY);
      }
    }
    double slope = tt == 0 ? 0 : ty / tt;
    double[] rest = new double[series.length];
    for (int i = 0; i < rest.length; i++) {
      rest[i] = series[i] - meanY - slope * (i - meanT);
    }
    return rest;
  }
}
