package dev.unfold.run.series;

import dev.unfold.data.series.Series;
import dev.unfold.data.source.DataException;

/// One target of one series.
///
/// @param series it
/// @param target which of its targets
/// @param values the target on the [Scale]; NaN for what is missing
/// @param texts the texts of the series as the model numbers them, by column: 0 for unknown and missing ones
record Channel(Series series, int target, double[] values, int[][] texts) {

  /// A target of a series, on a scale.
  ///
  /// **Errors**: [DataException] for a value that has no logarithm if it needs one.
  static Channel of(Series series, String name, int target, Scale scale, int[][] texts) {
    double[] values = new double[series.steps()];
    for (int t = 0; t < values.length; t++) {
      double value = series.numbers()[target][t];
      values[t] = scale.forward(value);
      if (!Double.isNaN(value) && !Double.isFinite(values[t])) {
        throw new DataException(
            "%s at %s%s: expected a number above 0, whose logarithm is learned, got %s; --scale linear takes any"
                .formatted(
                    name,
                    series.timeline().text(t),
                    series.name().isEmpty() ? "" : " of series " + series.name(),
                    value));
      }
    }
    return new Channel(series, target, values, texts);
  }

  /// The value at step `t`; NaN for a step that does not exist.
  double at(int t) {
    return t >= 0 && t < values.length ? values[t] : Double.NaN;
  }
}
