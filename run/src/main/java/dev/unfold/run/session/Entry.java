package dev.unfold.run.session;

import dev.unfold.infer.Runner;
import dev.unfold.model.State;
import java.time.Instant;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

/// What is known of a session. Whoever has set `isHeld` may change the rest.
final class Entry {
  final String id;
  final Instant opened;
  final AtomicBoolean isHeld = new AtomicBoolean();
  final TreeMap<Long, State> marks = new TreeMap<>();
  ModelVersion version;

  /// Whether it keeps to its version when others go on to another.
  boolean isPinned;

  /// Of a version that nobody else runs; null if it is not pinned.
  Runner runner;

  State state;
  long step;
  Instant used;
  boolean hasEnded;

  Entry(String id, ModelVersion version, State state, Instant now) {
    this.id = id;
    this.version = version;
    this.state = state;
    opened = now;
    used = now;
  }
}
