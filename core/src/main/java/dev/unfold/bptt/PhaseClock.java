package dev.unfold.bptt;

import java.util.EnumMap;

/// Counts the time that one thread spends in each [Phase]. A stretch of time belongs to the phase that ends it.
///
/// **Threads**: one.
public final class PhaseClock {
  private final EnumMap<Phase, Long> nanos = new EnumMap<>(Phase.class);
  private long last;

  /// A clock at zero.
  public PhaseClock() {}

  /// Starts a stretch of time that belongs to no phase before.
  void start() {
    last = System.nanoTime();
  }

  /// Ends a stretch of `phase`, and starts the next.
  void end(Phase phase) {
    long now = System.nanoTime();
    nanos.merge(phase, now - last, Long::sum);
    last = now;
  }

  /// Nanoseconds in `phase` so far.
  public long nanos(Phase phase) {
    return nanos.getOrDefault(phase, 0L);
  }
}
