package dev.unfold.run.series;

import java.time.LocalDateTime;

/// A channel that goes on as one path of samples says. Behind the origin nothing is read of the channel but columns
/// that are known.
final class SampledTrack implements Track {
  private final SeriesSpec spec;
  private final Channel channel;
  private final int origin;
  private final RunningLevel level;
  private final double[] sampled;
  private int count;

  /// @param level of all that came before the origin, which is copied
  /// @param steps that are to be sampled
  SampledTrack(SeriesSpec spec, Channel channel, int origin, RunningLevel level, int steps) {
    this.spec = spec;
    this.channel = channel;
    this.origin = origin;
    this.level = new RunningLevel(spec);
    double[] numbers = new double[RunningLevel.NUMBERS];
    level.copyTo(numbers, 0, numbers.length);
    this.level.restore(numbers);
    sampled = new double[steps];
  }

  /// Goes on by a value on its scale.
  void add(double value) {
    sampled[count] = value;
    count++;
    level.add(this, origin + count - 1);
  }

  private boolean isKnown(String column, int t) {
    return t < origin || spec.columns().known().contains(column);
  }

  @Override
  public int target() {
    return channel.target();
  }

  @Override
  public double at(int t) {
    if (t < origin) {
      return channel.at(t);
    }
    return t - origin < count ? sampled[t - origin] : Double.NaN;
  }

  @Override
  public double number(int column, int t) {
    return isKnown(spec.numbers().get(column), t) ? channel.number(column, t) : Double.NaN;
  }

  @Override
  public int text(int column, int t) {
    return isKnown(spec.texts().get(column), t) ? channel.text(column, t) : 0;
  }

  @Override
  public LocalDateTime local(int t, int origin) {
    return channel.local(t, Math.min(origin, this.origin));
  }

  @Override
  public double gap(int t) {
    return t < origin ? channel.gap(t) : spec.frequency().count();
  }

  @Override
  public Level levelBefore(int origin) {
    return level.level();
  }
}
