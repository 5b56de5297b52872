package dev.unfold.run.series;

import java.util.ArrayList;
import java.util.List;

/// Exponential smoothing of level and season, as a [Linear] way to foresee. With B the step back and e_t what nobody
/// could foresee,
///
///     (1 - B) (1 - B^m) y_t = (1 - theta B) (1 - Theta B^m) e_t
///
/// so that y_t is a sum over all values before it, whose weights die out with theta and Theta; those of a few seasons
/// are kept.
///
/// @param season m
/// @param theta how much of the level is of values before the last
/// @param seasonTheta how much of the season is of seasons before the last
///
/// **Source**: G. Box and G. Jenkins, Time Series Analysis: Forecasting and Control, 1970.
record Smoothing(int season, double theta, double seasonTheta) {
  private static final int SEASONS = 5;
  private static final int LONGEST = 1000;

  /// Weights below that are left out.
  private static final double LEAST = 1e-4;

  /// Whether a season is one, and two of them are not more than are read.
  static boolean fits(int season) {
    return season > 1 && 2L * season < LONGEST;
  }

  /// The weights of the values before: those of B^k in the one side by the other.
  Linear linear() {
    int reach = Math.min(SEASONS * season + 1, LONGEST);
    double[] ofErrors = new double[reach + 1];
    for (int k = 0; k <= reach; k++) {
      double sum = coefficient(k, 1, 1);
      for (int j : new int[] {1, season, season + 1}) {
        sum -= k >= j ? coefficient(j, theta, seasonTheta) * ofErrors[k - j] : 0;
      }
      ofErrors[k] = sum;
    }
    List<Integer> lags = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    for (int k = 2; k <= reach; k++) {
      if (Math.abs(ofErrors[k]) > LEAST) {
        lags.add(k);
        weights.add(-ofErrors[k]);
      }
    }
    return new Linear(lags, weights, 0);
  }

  /// That of B^k in (1 - a B) (1 - b B^m).
  private double coefficient(int k, double a, double b) {
    double sum = k == 0 ? 1 : 0;
    sum -= k == 1 ? a : 0;
    sum -= k == season ? b : 0;
    return sum + (k == season + 1 ? a * b : 0);
  }
}
