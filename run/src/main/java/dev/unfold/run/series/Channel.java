package dev.unfold.run.series;

import dev.unfold.data.series.Numbers;
import dev.unfold.data.series.Series;
import dev.unfold.data.series.Timeline;
import dev.unfold.data.source.DataException;
import java.time.LocalDateTime;
import java.util.NavigableMap;
import java.util.TreeMap;

/// One target of one series.
///
/// @param series it
/// @param target which of its targets
/// @param scale on which it is read
/// @param codes the model's number of each text that the series have, by column: 0 for one that it does not know
/// @param least the least value above 0 so far, by the step where it came, as far as values without a logarithm have
///     to be read as half of it
/// @param levels for a state that is carried the five numbers of [RunningLevel] before each step, and behind the last;
///     else none
record Channel(
    Series series,
    int target,
    Scale scale,
    int[][] codes,
    NavigableMap<Integer, Double> least,
    double[] levels)
    implements Track {
  private static final int LEVEL = 5;

  /// A target of a series, as a model reads it. A value that has no logarithm where one is needed is read as half of
  /// the least one that was before it.
  ///
  /// **Errors**: [DataException] for a value without a logarithm before all that have one.
  static Channel of(SeriesSpec spec, Series series, int target, int[][] codes) {
    Scale scale = spec.scale();
    Numbers values = series.numbers()[target];
    int last = series.steps() - 1;
    while (last >= 0 && !(scale == Scale.LOG && values.at(last) <= 0)) {
      last--;
    }
    NavigableMap<Integer, Double> minima = new TreeMap<>();
    double least = Double.POSITIVE_INFINITY;
    for (int t = 0; t < series.steps() && scale == Scale.LOG; t++) {
      double value = values.at(t);
      if (value > 0 && value < least) {
        least = value;
        if (t < last) {
          minima.put(t, least);
        }
      }
      double read = scale.forward(value <= 0 ? least / 2 : value);
      if (!Double.isNaN(value) && !Double.isFinite(read)) {
        throw noLogarithm(series, spec.numbers().get(target), t, value);
      }
    }
    boolean isCarried = spec.state() == StateUse.CARRIED;
    double[] levels = new double[isCarried ? Math.multiplyExact(LEVEL, series.steps() + 1) : 0];
    Channel channel = new Channel(series, target, scale, codes, minima, levels);
    RunningLevel running = new RunningLevel(spec);
    for (int t = 0; isCarried && t < series.steps(); t++) {
      running.add(channel, t);
      running.copyTo(levels, LEVEL * (t + 1), LEVEL);
    }
    return channel;
  }

  /// Checks that all values of a training part have logarithms, if those are learned.
  ///
  /// @param end of the training part
  ///
  /// **Errors**: [DataException] that names the first that has none.
  void expectScaled(String name, int end) {
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

  @Override
  public double at(int t) {
    Numbers values = series.numbers()[target];
    if (t < 0 || t >= values.length()) {
      return Double.NaN;
    }
    double value = values.at(t);
    boolean isBelow = value <= 0 && scale == Scale.LOG;
    return scale.forward(isBelow ? least.lowerEntry(t).getValue() / 2 : value);
  }

  @Override
  public double number(int column, int t) {
    Numbers all = series.numbers()[column];
    return t >= 0 && t < all.length() ? all.at(t) : Double.NaN;
  }

  @Override
  public int text(int column, int t) {
    if (t < 0 || t >= series.steps()) {
      return 0;
    }
    int code = series.text(column, t);
    return code == Series.NO_TEXT ? 0 : codes[column][code];
  }

  @Override
  public LocalDateTime local(int t, int origin) {
    Timeline timeline = series.timeline();
    if (!timeline.isRows() || t < origin || origin == 0) {
      return timeline.local(t);
    }
    long behind = (t - origin + 1) * timeline.frequency().count();
    return timeline.localAt(timeline.position(origin - 1L) + behind);
  }

  @Override
  public double gap(int t) {
    Timeline timeline = series.timeline();
    return t < 1 ? Double.NaN : timeline.position(t) - timeline.position(t - 1L);
  }

  @Override
  public Level levelBefore(int origin) {
    return RunningLevel.of(levels, LEVEL * Math.min(origin, series.steps()));
  }

  /// Checks that what is known of the future is there.
  ///
  /// **Errors**: [DataException] that names the first column and step that is not.
  void expectKnown(SeriesSpec spec, int origin, int steps) {
    for (String name : spec.columns().known()) {
      int c = spec.numbers().indexOf(name);
      int text = spec.texts().indexOf(name);
      for (int t = origin; t < origin + steps; t++) {
        boolean isThere =
            t < series.steps()
                && (c >= 0
                    ? !Double.isNaN(series.numbers()[c].at(t))
                    : series.text(text, t) != Series.NO_TEXT);
        if (!isThere) {
          throw new DataException(
              "column %s%s: expected values for all %d steps of the horizon, got none for %s"
                  .formatted(
                      name,
                      series.name().isEmpty() ? "" : " of series " + series.name(),
                      steps,
                      series.timeline().text(t)));
        }
      }
    }
  }
}
