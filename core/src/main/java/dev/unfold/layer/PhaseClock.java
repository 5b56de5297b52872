package dev.unfold.layer;

import java.util.EnumMap;

/// Counts the time that one thread spends in each [Phase]. A stretch of time belongs to the phase that ends it.
///
/// **Threads**: one, the one that started it; others may ask whether they are.
public final class PhaseClock {
  private final EnumMap<Phase, Long> nanos = new EnumMap<>(Phase.class);
  private Thread thread;
  private long last;

  /// A clock at zero.
  public PhaseClock() {}

  /// Starts a stretch of time that belongs to no phase before. The calling thread's time counts.
  void start() {
    thread = Thread.currentThread();
    last = System.nanoTime();
  }

  /// Whether the calling thread is the one whose time counts.
  boolean isOwn() {
    return thread == Thread.currentThread();
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
