package dev.unfold.run.series;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;

/// What is read of a channel before an origin, and what is to be foreseen from there on. With y the values on their
/// scale, o the first step to be foreseen, m the season and b the baseline's lag:
///
///     s = mean |y_t - y_{t-m}|     d = mean |y_t - y_{t-1}|     over the context
///     c, w = mean and deviation of y over the context
///     r = mean (y_t - y_{t-b})     over the last q steps before the origin; 0 if q = 0
///     base(t) = y_{t - b k} + r    with the smallest k for which that is known at the origin and not missing, or
///     base(t)                      as a [Linear] way says
///     y_t = base(t) + s z_t        what the network says is z
///
/// Nothing at the origin or behind it is read of the target.
///
/// If the state is carried, the means are those of [RunningLevel], and each step t before the origin is read and
/// foreseen as if it were one itself: what is read at the origin is the same whether more steps are foreseen from there
/// or the value comes.
final class Window {
  /// Seasons that a missing value is looked for in those before.
  private static final int SEASONS = 4;

  private final SeriesSpec spec;
  private final Track track;
  private final int origin;
  private final int learned;
  private final boolean isUnknown;
  private final Level level;

  /// Null if the baseline is not linear.
  private final Linear.Steps linear;

  /// base(t) from the origin on, if it is linear.
  private final double[] path;

  /// What is read at every step of how values are scaled.
  private final double[] levels;

  /// Which step of a column of numbers is read at a step, as [#step] has it.
  private final Known[] numbers;

  /// The same of texts.
  private final Known[] texts;

  /// An input that is read as in another window, and that window; null for none and this one.
  private SeriesInput lent;

  private Window lender = this;

  /// When a column is known.
  private enum Known {
    /// It is the same at all steps.
    ALWAYS,
    /// Before it comes.
    BEFORE,
    /// Once it has come.
    AFTER
  }

  /// @param origin the first step to be foreseen
  Window(SeriesSpec spec, Track track, int origin) {
    this(
        spec,
        track,
        origin,
        origin,
        false,
        known(spec, spec.numbers().subList(spec.targets(), spec.numbers().size())),
        known(spec, spec.texts()));
  }

  /// The same columns of the same track at another origin.
  private Window(Window from, int origin, int learned, boolean isUnknown) {
    this(from.spec, from.track, origin, learned, isUnknown, from.numbers, from.texts);
  }

  private Window(
      SeriesSpec spec,
      Track track,
      int origin,
      int learned,
      boolean isUnknown,
      Known[] numbers,
      Known[] texts) {
    this.isUnknown = isUnknown;
    this.spec = spec;
    this.track = track;
    this.origin = origin;
    this.learned = learned;
    this.numbers = numbers;
    this.texts = texts;
    level = isCarried() ? track.levelBefore(origin) : Level.ofContext(spec, track, origin);
    linear = spec.linear().map(Linear::steps).orElse(null);
    path =
        linear == null
            ? new double[0]
            : linear.path(track::at, level.center(), origin, spec.horizon());
    double center = level.center();
    double width = level.width();
    levels =
        new double[] {
          Math.log(level.unit() / width),
          Math.log(level.change() / width),
          Math.log1p(Math.abs(center) / width) * Math.signum(center),
          isPlain() ? squash(center) : 0
        };
  }

  private static Known[] known(SeriesSpec spec, List<String> columns) {
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

  private boolean isCarried() {
    return spec.state() == StateUse.CARRIED;
  }

  /// The same with all texts unknown, from which a network learns what that means.
  Window ofUnknown() {
    return new Window(this, origin, learned, true);
  }

  /// The same with one input as it is in another window, at the same distance from the origin.
  Window with(SeriesInput input, Window other) {
    Window own = new Window(this, origin, learned, isUnknown);
    own.lent = input;
    own.lender = other;
    return own;
  }

  /// The window that a column is read in.
  private Window of(String column) {
    return lent != null && lent.isColumn(column) ? lender : this;
  }

  /// The window that something is read in which is no column.
  private Window of(SeriesInput.Kind kind) {
    return lent != null && lent.kind() == kind ? lender : this;
  }

  /// The same, in which steps from `step` on are learned, which may lie before the origin if the state is carried.
  Window learnedFrom(int step) {
    return isCarried() ? new Window(this, origin, step, isUnknown) : this;
  }

  /// The window that step `t` is read and foreseen in.
  Window at(int t) {
    return isCarried() && t < origin ? new Window(this, t, learned, isUnknown) : this;
  }

  /// The window of the same track whose origin is another step.
  Window from(int step) {
    return new Window(this, step, step, isUnknown);
  }

  int origin() {
    return origin;
  }

  /// The first step whose value is learned.
  int learned() {
    return learned;
  }

  /// The value at step `t`, if it is known at the origin; else NaN.
  private double known(int t) {
    return t < origin ? track.at(t) : Double.NaN;
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
    if (linear != null) {
      return t < origin ? linear.next(track::at, level.center(), t) : path[t - origin];
    }
    double base = before(t, spec.baseline());
    if (Double.isNaN(base)) {
      base = before(t, 1);
    }
    return (Double.isNaN(base) ? level.center() : base) + (t < origin ? 0 : level.shift());
  }

  /// z of the value that came at step `t`; NaN if none did.
  double target(int t) {
    return z(t, track.at(t));
  }

  /// z of a value on its scale, were it to come at step `t`.
  double z(int t, double y) {
    return isPlain() ? y : (y - base(t)) / level.unit();
  }

  /// Whether any value is there to be foreseen.
  boolean hasTargets() {
    for (int t = origin; t < origin + spec.horizon(); t++) {
      if (!Double.isNaN(track.at(t))) {
        return true;
      }
    }
    return false;
  }

  /// The value that z says.
  double value(int t, double z) {
    return spec.scale().back(y(t, z));
  }

  /// The same on its scale.
  double y(int t, double z) {
    return isPlain() ? z : base(t) + level.unit() * z;
  }

  private boolean isPlain() {
    return spec.scale() == Scale.NONE;
  }

  /// How many numbers [#read] gives.
  static int numbers(SeriesSpec spec) {
    int covariates = 0;
    for (int c = spec.targets(); c < spec.numbers().size(); c++) {
      covariates += 2;
    }
    int holidays = spec.holidays().isPresent() ? Holidays.NUMBERS : 0;
    int gaps = spec.isOfRows() ? 1 : 0;
    return 10 + 2 * spec.lags().size() + 2 * spec.calendar().size() + holidays + gaps + covariates;
  }

  /// What is read at step `t`.
  ///
  /// @param into as many numbers as [#numbers] says
  void read(int t, double... into) {
    int next = 0;
    double center = level.center();
    double width = level.width();
    double change = level.change();
    double unit = level.unit();
    double last = known(t - 1);
    double before = known(t - 2);
    into[next++] = squash((last - before) / change);
    into[next++] = squash((last - center) / width);
    into[next++] = squash((last - known(t - 1 - spec.baseline())) / unit);
    into[next++] = Double.isNaN(last) ? 0 : 1;
    into[next++] = squash((base(t) - center) / width);
    into[next++] = ahead(t);
    for (double own : levels) {
      into[next++] = own;
    }
    double plain = before(t, spec.baseline());
    for (int lag : spec.lags()) {
      double y = before(t, lag);
      into[next++] = squash((y - plain) / unit);
      into[next++] = Double.isNaN(y) ? 0 : 1;
    }
    if (!spec.calendar().isEmpty()) {
      Window by = of(SeriesInput.Kind.CALENDAR);
      LocalDateTime at = by.track.local(t - origin + by.origin, by.origin);
      for (Calendar part : spec.calendar()) {
        into[next++] = part.sine(at);
        into[next++] = part.cosine(at);
      }
    }
    if (spec.holidays().isPresent()) {
      next = spec.holidays().orElseThrow().read(days(t), into, next);
    }
    if (spec.isOfRows()) {
      into[next++] = gap(t);
    }
    for (int c = spec.targets(); c < spec.numbers().size(); c++) {
      int other = c - spec.targets();
      Window by = of(spec.numbers().get(c));
      double number = by.track.number(c, by.step(numbers[other], t - origin + by.origin));
      boolean isThere = !Double.isNaN(number);
      into[next++] =
          isThere ? squash((number - spec.means().get(other)) / spec.deviations().get(other)) : 0;
      into[next++] = isThere ? 1 : 0;
    }
  }

  /// How far the last row before step `t` was from the one before it: ln(1 + distance / median) - ln 2, and so 0 for
  /// the median, and for those that are not known at the origin.
  private double gap(int t) {
    Window by = of(SeriesInput.Kind.GAPS);
    int last = t - 1 - origin + by.origin;
    double gap = last < by.origin && last > 0 ? by.track.gap(last) : Double.NaN;
    return Double.isNaN(gap) ? 0 : Math.log1p(gap / spec.frequency().count()) - Math.log(2);
  }

  /// The days whose holidays are those of step `t`: its own, or if steps are longer all until the next one, unless it
  /// is the last of them.
  private Holidays.Span days(int t) {
    Window by = of(SeriesInput.Kind.HOLIDAYS);
    int step = t - origin + by.origin;
    LocalDate date = by.track.local(step, by.origin).toLocalDate();
    if (!spec.isOfManyDays()) {
      return new Holidays.Span(date, date.plusDays(1));
    }
    LocalDate next = by.track.local(step + 1, by.origin).toLocalDate();
    boolean isLast = isLastOfMonth(date) && isLastOfMonth(next);
    return isLast
        ? new Holidays.Span(
            by.track.local(step - 1, by.origin).toLocalDate().plusDays(1), date.plusDays(1))
        : new Holidays.Span(date, next);
  }

  private static boolean isLastOfMonth(LocalDate date) {
    return date.getDayOfMonth() == date.lengthOfMonth();
  }

  /// How far into the horizon step `t` is. The first step of it is read as those before are if the state is carried.
  private double ahead(int t) {
    if (isCarried()) {
      return (double) (t - origin) / spec.horizon();
    }
    return t < origin ? 0 : (t - origin + 1.0) / spec.horizon();
  }

  /// How many different numbers each category has: the target, if there are several, then the holidays, if they have
  /// names, and the texts, 0 being unknown.
  static List<Integer> categories(SeriesSpec spec) {
    List<Integer> all = new ArrayList<>();
    if (spec.targets() > 1) {
      all.add(spec.targets());
    }
    spec.holidays()
        .filter(each -> !each.names().isEmpty())
        .ifPresent(each -> all.add(each.kinds()));
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
      into[next++][at] = track.target();
    }
    if (spec.holidays().isPresent() && !spec.holidays().orElseThrow().names().isEmpty()) {
      into[next++][at] = isUnknown ? 0 : spec.holidays().orElseThrow().kind(days(t));
    }
    for (int c = 0; c < spec.texts().size(); c++) {
      Window by = of(spec.texts().get(c));
      int step = by.step(texts[c], t - origin + by.origin);
      into[next++][at] = isUnknown ? 0 : by.track.text(c, step);
    }
  }

  /// The step at which a column is read at step `t`; -1 for none that is known at the origin. What never changes is the
  /// same at the first.
  private int step(Known column, int t) {
    return switch (column) {
      case ALWAYS -> 0;
      case BEFORE -> t;
      case AFTER -> t - 1 < origin ? t - 1 : -1;
    };
  }

  /// Far values come nearer, and what is missing is 0, which its mask tells.
  private double squash(double x) {
    if (Double.isNaN(x)) {
      return 0;
    }
    // The digits that the plain logarithm lacks near 0 are none that a network of floats sees, and
    // it is much faster.
    double near = isCarried() ? Math.log(1 + Math.abs(x)) : Math.log1p(Math.abs(x));
    return Math.signum(x) * near;
  }
}
