package dev.unfold.run.series;

import dev.unfold.data.series.Numbers;
import dev.unfold.data.series.Numbers;
import dev.unfold.data.series.Series;
import dev.unfold.data.source.DataException;
import java.util.HashMap;
import java.util.Map;

/// One target of one series.
///
/// @param series it
/// @param target which of its targets
/// @param scale on which it is read
/// @param codes the model's number of each text that the series have, by column: 0 for one that it does not know
/// @param replaced for steps whose value has no logarithm the one that is read in its place
record Channel(
    Series series, int target, Scale scale, int[][] codes, Map<Integer, Double> replaced) {

  /// A target of a series, on a scale. A value that has no logarithm where one is needed is read as half of the least
  /// one that was before it.
  ///
  /// **Errors**: [DataException] for a value without a logarithm before all that have one.
  static Channel of(Series series, String name, int target, Scale scale, int[][] codes) {
    Map<Integer, Double> replaced = new HashMap<>();
    double least = Double.POSITIVE_INFINITY;
    for (int t = 0; t < series.steps() && scale == Scale.LOG; t++) {
      double value = series.numbers()[target].at(t);
      if (value <= 0) {
        replaced.put(t, least / 2);
      } else if (value < least) {
        least = value;
      }
      boolean isSound = Double.isNaN(value) || Double.isFinite(scale.forward(replaced.getOrDefault(t, value)));
      if (!isSound) {
        throw noLogarithm(series, name, t, value);
      }
    }
    return new Channel(series, target, scale, codes, Map.copyOf(replaced));
  }

  /// Checks that all values of a training part have logarithms, if those are learned.
  ///
  /// @param end of the training part
  ///
  /// **Errors**: [DataException] that names the first that has none.
  void expectScaled(String name, Scale scale, int end) {
    Numbers own = series.numbers()[target];
    for (int t = 0; t < end && scale == Scale.LOG; t++) {
      if (own.at(t) <= 0) {
        throw noLogarithm(series, name, t, own.at(t));
      }
    }
  }

  private static DataException noLogarithm(Series series, String name, int t, double value) {
    return new DataException(
        "%s at %s%s: expected a number above 0, whose logarithm is learned, got %s; --scale linear takes any"
            .formatted(
                name,
                series.timeline().text(t),
                series.name().isEmpty() ? "" : " of series " + series.name(),
                value));
  }

  /// The value at step `t`; NaN for a step that does not exist.
  double at(int t) {
    Numbers values = series.numbers()[target];
    if (t < 0 || t >= values.length()) {
      return Double.NaN;
    }
    double value = values.at(t);
    return scale.forward(
        replaced.isEmpty() ? value : replaced.getOrDefault(t, value));
  }

  /// The text of a column at step `t` as the model numbers it: 0 if it is unknown, missing, or of a step that does not
  /// exist.
  int text(int column, int t) {
    if (t < 0 || t >= series.steps()) {
      return 0;
    }
    int code = series.text(column, t);
    return code == Series.NO_TEXT ? 0 : codes[column][code];
  }
}
