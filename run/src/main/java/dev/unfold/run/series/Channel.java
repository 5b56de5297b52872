package dev.unfold.run.series;

import dev.unfold.data.series.Numbers;
import dev.unfold.data.series.Series;
import dev.unfold.data.source.DataException;

/// One target of one series.
///
/// @param series it
/// @param target which of its targets
/// @param scale on which it is read
/// @param codes the model's number of each text that the series have, by column: 0 for one that it does not know
record Channel(Series series, int target, Scale scale, int[][] codes) {

  /// A target of a series, on a scale.
  ///
  /// **Errors**: [DataException] for a value that has no logarithm if it needs one.
  static Channel of(Series series, String name, int target, Scale scale, int[][] codes) {
    Channel channel = new Channel(series, target, scale, codes);
    for (int t = 0; t < series.steps() && scale == Scale.LOG; t++) {
      double value = series.numbers()[target].at(t);
      if (!Double.isNaN(value) && !Double.isFinite(channel.at(t))) {
        throw new DataException(
            "%s at %s%s: expected a number above 0, whose logarithm is learned, got %s; --scale linear takes any"
                .formatted(
                    name,
                    series.timeline().text(t),
                    series.name().isEmpty() ? "" : " of series " + series.name(),
                    value));
      }
    }
    return channel;
  }

  /// The value at step `t`; NaN for a step that does not exist.
  double at(int t) {
    Numbers values = series.numbers()[target];
    return t >= 0 && t < values.length() ? scale.forward(values.at(t)) : Double.NaN;
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
