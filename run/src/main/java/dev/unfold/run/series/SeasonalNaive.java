package dev.unfold.run.series;

import java.util.Arrays;
import java.util.List;

/// The baseline that a sceptic names: the value a season ago, or two, with as many as the horizon needs, and quantiles
/// from how far such guesses were off before the origin, less their median: half of what comes lies above the guess.
///
/// @param season m; 1 for the last value
/// @param levels of the quantiles
record SeasonalNaive(int season, List<Double> levels) {
  /// Steps before the origin that errors are taken from, at most.
  private static final int MOST = 4096;

  /// What it says.
  ///
  /// @param past the values before the origin, NaN for missing ones
  /// @return for each step of the horizon the quantile of each level
  double[][] quantiles(double[] past, int horizon) {
    double[][] all = new double[horizon][];
    double[][] errors = new double[Math.ceilDiv(horizon, season) + 1][];
    for (int h = 0; h < horizon; h++) {
      int seasons = Math.ceilDiv(h + 1, season);
      if (errors[seasons] == null) {
        errors[seasons] = errors(past, seasons * season);
      }
      double middle = quantile(errors[seasons], 0.5);
      double base = base(past, past.length + h - seasons * season);
      all[h] = new double[levels.size()];
      for (int q = 0; q < levels.size(); q++) {
        all[h][q] = base + quantile(errors[seasons], levels.get(q)) - middle;
      }
    }
    return all;
  }

  /// The value at a step, or seasons before if that is missing, or the last one; 0 if there is none.
  private double base(double[] past, int step) {
    for (int t = Math.min(step, past.length - 1); t >= 0; t -= season) {
      if (!Double.isNaN(past[t])) {
        return past[t];
      }
    }
    for (int t = past.length - 1; t >= 0; t--) {
      if (!Double.isNaN(past[t])) {
        return past[t];
      }
    }
    return 0;
  }

  private static double[] errors(double[] past, int lag) {
    double[] all = new double[Math.min(MOST, Math.max(0, past.length - lag))];
    int count = 0;
    for (int t = past.length - 1; t >= lag && count < all.length; t--) {
      double error = past[t] - past[t - lag];
      if (!Double.isNaN(error)) {
        all[count++] = error;
      }
    }
    double[] there = Arrays.copyOf(all, count);
    Arrays.sort(there);
    return there;
  }

  private static double quantile(double[] sorted, double level) {
    if (sorted.length == 0) {
      return 0;
    }
    double place = level * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
