package dev.unfold.cli.report;

import java.time.Duration;

/// Says when it is time for the next line, so that they come at most once in a while.
final class Cadence {
  private final long nanos;
  private long next;

  private Cadence(long nanos, long first) {
    this.nanos = nanos;
    next = first;
  }

  /// Every `pause`, the first time at once.
  static Cadence of(Duration pause) {
    return new Cadence(pause.toNanos(), System.nanoTime());
  }

  static Cadence never() {
    return new Cadence(Long.MAX_VALUE, System.nanoTime() + Long.MAX_VALUE);
  }

  boolean isDue() {
    long now = System.nanoTime();
    if (now - next < 0) {
      return false;
    }
    next = now + nanos;
    return true;
  }
}
