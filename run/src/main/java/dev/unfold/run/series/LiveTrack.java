package dev.unfold.run.series;

import java.time.LocalDateTime;

/// One target of a series whose values come one by one: the last of them, in a ring, and what is kept up of all.
final class LiveTrack implements Track {
  private final Lane lane;
  private final int target;
  private final Scale scale;
  private final double[] ring;
  private final RunningLevel level;

  /// The last value that was there, as it came.
  double last = Double.NaN;

  /// The least value above 0 that came; NaN before there is one.
  double least = Double.NaN;

  /// The recent score, and how many values have counted in it.
  double recent;

  double counted;

  /// How often the last value was repeated.
  double held;

  /// ln of the spread of each score.
  final double[] spreads = new double[Score.ALL.size()];

  /// @param size of the ring, a power of 2
  LiveTrack(SeriesSpec spec, Lane lane, int target, int size) {
    this.lane = lane;
    this.target = target;
    scale = spec.scale();
    ring = new double[size];
    level = new RunningLevel(spec);
  }

  /// How many numbers a track of a model keeps.
  static int numbers(int size) {
    return size + RunningLevel.NUMBERS + 5 + Score.ALL.size();
  }

  /// How long a ring has to be.
  static long reach(SeriesSpec spec) {
    long longest = Math.max(spec.baseline(), spec.season());
    for (int lag : spec.lags()) {
      longest = Math.max(longest, lag);
    }
    return 4 * longest + 2;
  }

  /// Takes in the value of the lane's step.
  void add(double value) {
    ring[lane.step() & (ring.length - 1)] = value;
  }

  /// A value on its scale; one that has no logarithm where one is needed is read as half of the least before it.
  ///
  /// @return not finite if nothing above 0 came before it
  double scaled(double value) {
    return scale.forward(scale == Scale.LOG && value <= 0 ? least / 2 : value);
  }

  /// Steps over a gap: the values of the steps before are missing.
  void forget(int steps) {
    for (int i = 1; i <= Math.min(steps, ring.length); i++) {
      ring[(lane.step() - i) & (ring.length - 1)] = Double.NaN;
    }
  }

  /// Lets it count, after the lane has gone on.
  void count() {
    level.add(this, lane.step() - 1);
  }

  @Override
  public int target() {
    return target;
  }

  @Override
  public double at(int t) {
    boolean isThere = t >= 0 && t < lane.step() && t >= lane.step() - ring.length;
    return isThere ? ring[t & (ring.length - 1)] : Double.NaN;
  }

  @Override
  public double number(int column, int t) {
    return lane.number(column, t);
  }

  @Override
  public int text(int column, int t) {
    return lane.text(column, t);
  }

  @Override
  public LocalDateTime local(int t, int origin) {
    return lane.local(t);
  }

  @Override
  public double gap(int t) {
    return lane.gap(t);
  }

  @Override
  public Level levelBefore(int origin) {
    return level.level();
  }

  /// Writes all that is kept.
  int write(double[] into, int from) {
    int next = from;
    System.arraycopy(ring, 0, into, next, ring.length);
    next += ring.length;
    level.copyTo(into, next, RunningLevel.NUMBERS);
    next += RunningLevel.NUMBERS;
    into[next++] = last;
    into[next++] = least;
    into[next++] = recent;
    into[next++] = counted;
    into[next++] = held;
    System.arraycopy(spreads, 0, into, next, spreads.length);
    return next + spreads.length;
  }

  /// Reads what [#write] wrote.
  ///
  /// **Errors**: [IllegalArgumentException] for numbers that it never writes.
  int read(double[] from, int at) {
    int next = at;
    System.arraycopy(from, next, ring, 0, ring.length);
    next += ring.length;
    double[] means = new double[RunningLevel.NUMBERS];
    System.arraycopy(from, next, means, 0, means.length);
    level.restore(means);
    next += means.length;
    last = from[next++];
    least = from[next++];
    recent = from[next++];
    counted = from[next++];
    held = from[next++];
    System.arraycopy(from, next, spreads, 0, spreads.length);
    next += spreads.length;
    for (int i = at; i < next; i++) {
      int behind = i - at - ring.length - means.length;
      boolean mayLack = i < at + ring.length || behind == 0 || behind == 1;
      if (Double.isInfinite(from[i]) || (Double.isNaN(from[i]) && !mayLack)) {
        throw new IllegalArgumentException("expected finite numbers, got " + from[i]);
      }
    }
    if (counted < 0 || held < 0) {
      throw new IllegalArgumentException("expected counts, got " + counted + ", " + held);
    }
    return next;
  }
}
