package dev.unfold.run.series;

import dev.unfold.data.series.Numbers;
import dev.unfold.data.series.Series;
import dev.unfold.data.source.DataException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;

/// What is read of a channel before an origin, and what is to be foreseen from there on. With y the values on their
/// scale, o the first step to be foreseen, m the season and b the baseline's lag:
///
///     s = mean |y_t - y_{t-m}|     d = mean |y_t - y_{t-1}|     over the context
///     c, w = mean and deviation of y over the context
///     r = mean (y_t - y_{t-b})     over the last q steps before the origin; 0 if q = 0
///     base(t) = y_{t - b k} + r    with the smallest k for which that is known at the origin and not missing
///     y_t = base(t) + s z_t        what the network says is z
///
/// Nothing at the origin or behind it is read of the target.
final class Window {
  /// Seasons that a missing value is looked for in those before.
  private static final int SEASONS = 4;

  private final SeriesSpec spec;
  private final Channel channel;
  private final int origin;
  private final boolean isUnknown;
  private final double center;
  private final double width;
  private final double change;
  private final double unit;
  private final double shift;

  /// base(t) from the origin on, if it is linear.
  private final double[] path;

  /// What is read at every step of how the context is scaled.
  private final double[] levels;

  /// Which step of a column of numbers is read at a step, as [#step] has it.
  private final Known[] numbers;

  /// The same of texts.
  private final Known[] texts;

  /// When a column is known.
  private enum Known {
    /// It is the same at all steps.
    ALWAYS,
    /// Before it comes.
    BEFORE,
    /// Once it has come.
    AFTER
  }

  /// An input that is read as in another window, and that window; null for none and this one.
  private SeriesInput lent;

  private Window lender = this;

  /// @param origin the first step to be foreseen
  Window(SeriesSpec spec, Channel channel, int origin) {
    this(spec, channel, origin, false);
  }

  private Window(SeriesSpec spec, Channel channel, int origin, boolean isUnknown) {
    this.isUnknown = isUnknown;
    this.spec = spec;
    this.channel = channel;
    this.origin = origin;
    int from = Math.max(0, origin - spec.context());
    double sum = 0;
    int count = 0;
    double seasonal = 0;
    int seasons = 0;
    double changes = 0;
    int pairs = 0;
    for (int t = from; t < origin; t++) {
      double y = channel.at(t);
      if (Double.isNaN(y)) {
        continue;
      }
      sum += y;
      count++;
      double before = Math.abs(y - channel.at(t - 1));
      if (!Double.isNaN(before)) {
        changes += before;
        pairs++;
      }
      double last = Math.abs(y - channel.at(t - spec.season()));
      if (!Double.isNaN(last)) {
        seasonal += last;
        seasons++;
      }
    }
    center = count == 0 ? 0 : sum / count;
    double squares = 0;
    for (int t = from; t < origin; t++) {
      double y = channel.at(t);
      squares += Double.isNaN(y) ? 0 : (y - center) * (y - center);
    }
    double deviation = count == 0 ? 0 : Math.sqrt(squares / count);
    double mean = pairs == 0 ? 0 : changes / pairs;
    double seasonMean = seasons == 0 ? 0 : seasonal / seasons;
    double spread = firstPositive(deviation, mean, Math.abs(center), 1);
    width = spread;
    change = firstPositive(mean, spread);
    unit = firstPositive(seasonMean, change);
    shift = shift();
    path =
        spec.linear()
            .map(linear -> linear.path(channel::at, center, origin, spec.horizon()))
            .orElse(new double[0]);
    levels =
        new double[] {
          Math.log(unit / width),
          Math.log(change / width),
          Math.log1p(Math.abs(center) / width) * Math.signum(center),
          isPlain() ? squash(center) : 0
        };
    numbers = known(spec.numbers().subList(spec.targets(), spec.numbers().size()));
    texts = known(spec.texts());
  }

  private Known[] known(List<String> columns) {
    Known[] all = new Known[columns.size()];
    for (int i = 0; i < all.length; i++) {
      String column = columns.get(i);
      all[i] =
          spec.columns().statics().contains(column)
              ? Known.ALWAYS
              : spec.columns().known().contains(column) ? Known.BEFORE : Known.AFTER;
    }
    return all;
  }

  /// r
  private double shift() {
    double sum = 0;
    int count = 0;
    for (int t = Math.max(0, origin - spec.shift()); t < origin; t++) {
      double distance = channel.at(t) - channel.at(t - spec.baseline());
      sum += Double.isNaN(distance) ? 0 : distance;
      count += Double.isNaN(distance) ? 0 : 1;
    }
    return count == 0 ? 0 : sum / count;
  }

  private static double firstPositive(double... values) {
    for (double value : values) {
      if (value > 0 && Double.isFinite(value)) {
        return value;
      }
    }
    return 1;
  }

  /// The same with all texts unknown, from which a network learns what that means.
  Window ofUnknown() {
    return new Window(spec, channel, origin, true);
  }

  /// The same with one input as it is in another window, at the same distance from the origin.
  Window with(SeriesInput input, Window other) {
    Window own = new Window(spec, channel, origin, isUnknown);
    own.lent = input;
    own.lender = other;
    return own;
  }

  /// The window that a column is read in.
  private Window of(String column) {
    return lent != null && lent.isColumn(column) ? lender : this;
  }

  int origin() {
    return origin;
  }

  Channel channel() {
    return channel;
  }

  /// The value at step `t`, if it is known at the origin; else NaN.
  private double known(int t) {
    return t < origin ? channel.at(t) : Double.NaN;
  }

  /// The value a multiple of `lag` before step `t` that is known; NaN if there is none.
  private double before(int t, int lag) {
    int at = t - lag;
    if (at >= origin) {
      at -= Math.ceilDiv(at - origin + 1, lag) * lag;
    }
    for (int i = 0; i < SEASONS && at >= 0; i++, at -= lag) {
      double y = known(at);
      if (!Double.isNaN(y)) {
        return y;
      }
    }
    return Double.NaN;
  }

  /// base(t)
  private double base(int t) {
    if (spec.linear().isPresent()) {
      return t < origin ? spec.linear().get().next(channel::at, center, t) : path[t - origin];
    }
    double base = before(t, spec.baseline());
    if (Double.isNaN(base)) {
      base = before(t, 1);
    }
    return (Double.isNaN(base) ? center : base) + (t < origin ? 0 : shift);
  }

  /// z of the value that came at step `t`; NaN if none did.
  double target(int t) {
    return isPlain() ? channel.at(t) : (channel.at(t) - base(t)) / unit;
  }

  /// Whether any value is there to be foreseen.
  boolean hasTargets() {
    for (int t = origin; t < origin + spec.horizon(); t++) {
      if (!Double.isNaN(channel.at(t))) {
        return true;
      }
    }
    return false;
  }

  /// The value that z says.
  double value(int t, double z) {
    return isPlain() ? z : spec.scale().back(base(t) + unit * z);
  }

  private boolean isPlain() {
    return spec.scale() == Scale.NONE;
  }

  /// Checks that what is known of the future is there.
  ///
  /// **Errors**: [DataException] that names the first column and step that is not.
  void expectKnown() {
    for (String name : spec.columns().known()) {
      int c = spec.numbers().indexOf(name);
      int text = spec.texts().indexOf(name);
      Series series = channel.series();
      for (int t = origin; t < origin + spec.horizon(); t++) {
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
                      spec.horizon(),
                      series.timeline().text(t)));
        }
      }
    }
  }

  /// How many numbers [#read] gives.
  static int numbers(SeriesSpec spec) {
    int covariates = 0;
    for (int c = spec.targets(); c < spec.numbers().size(); c++) {
      covariates += 2;
    }
    return 10 + 2 * spec.lags().size() + 2 * spec.calendar().size() + covariates;
  }

  /// What is read at step `t`.
  ///
  /// @param into as many numbers as [#numbers] says
  void read(int t, double... into) {
    int next = 0;
    double last = known(t - 1);
    double before = known(t - 2);
    into[next++] = squash((last - before) / change);
    into[next++] = squash((last - center) / width);
    into[next++] = squash((last - known(t - 1 - spec.baseline())) / unit);
    into[next++] = Double.isNaN(last) ? 0 : 1;
    into[next++] = squash((base(t) - center) / width);
    into[next++] = t < origin ? 0 : (t - origin + 1.0) / spec.horizon();
    for (double level : levels) {
      into[next++] = level;
    }
    double plain = before(t, spec.baseline());
    for (int lag : spec.lags()) {
      double y = before(t, lag);
      into[next++] = squash((y - plain) / unit);
      into[next++] = Double.isNaN(y) ? 0 : 1;
    }
    if (!spec.calendar().isEmpty()) {
      Window by = lent != null && lent.kind() == SeriesInput.Kind.CALENDAR ? lender : this;
      LocalDateTime at = by.channel.series().timeline().local(t - origin + by.origin);
      for (Calendar part : spec.calendar()) {
        into[next++] = part.sine(at);
        into[next++] = part.cosine(at);
      }
    }
    for (int c = spec.targets(); c < spec.numbers().size(); c++) {
      Window by = of(spec.numbers().get(c));
      Numbers column = by.channel.series().numbers()[c];
      int other = c - spec.targets();
      int step = by.step(numbers[other], t - origin + by.origin);
      double value = step >= 0 && step < column.length() ? column.at(step) : Double.NaN;
      boolean isThere = !Double.isNaN(value);
      into[next++] =
          isThere ? squash((value - spec.means().get(other)) / spec.deviations().get(other)) : 0;
      into[next++] = isThere ? 1 : 0;
    }
  }

  /// How many different numbers each category has: the target, if there are several, then the texts, 0 being unknown.
  static List<Integer> categories(SeriesSpec spec) {
    List<Integer> all = new ArrayList<>();
    if (spec.targets() > 1) {
      all.add(spec.targets());
    }
    spec.vocabularies().forEach(words -> all.add(words.size() + 1));
    return all;
  }

  /// The categories at step `t`.
  ///
  /// @param into an array for each category
  /// @param at where in it
  void categories(int t, int[][] into, int at) {
    int next = 0;
    if (spec.targets() > 1) {
      into[next++][at] = channel.target();
    }
    for (int c = 0; c < spec.texts().size(); c++) {
      Window by = of(spec.texts().get(c));
      int step = by.step(texts[c], t - origin + by.origin);
      into[next++][at] = isUnknown ? 0 : by.channel.text(c, step);
    }
  }

  /// The step at which a column is read at step `t`; -1 for none that is known at the origin. What never changes is the
  /// same at the first.
  private int step(Known known, int t) {
    return switch (known) {
      case ALWAYS -> 0;
      case BEFORE -> t;
      case AFTER -> t - 1 < origin ? t - 1 : -1;
    };
  }

  /// Far values come nearer, and what is missing is 0, which its mask tells.
  private static double squash(double x) {
    return Double.isNaN(x) ? 0 : Math.signum(x) * Math.log1p(Math.abs(x));
  }
}
