package dev.unfold.run.session;

import java.time.Instant;
import java.util.SortedMap;

/// What is known of a session. Who holds it may change its step, its marks and what is in its slot; all else is under
/// the lock of its store.
final class Entry {
  /// No slot: the state is in the files alone.
  static final int NONE = -1;

  final String id;
  final long opened;
  Running running;

  /// A version of its own that it runs instead; null for most.
  Running own;

  /// Whether it ran a version of its own that was in the memory of a process which is no more: it is not stepped until
  /// somebody says what it runs instead.
  boolean hasLostOwn;

  int slot = NONE;

  /// Whether it has read nothing, and was given no state either.
  boolean isNew;

  volatile long step;
  long used;
  boolean isHeld;

  /// By step, and never changed: another map takes its place. Null while there are none, as there are in most.
  volatile SortedMap<Long, Mark> marks;

  /// The list that it is in, and its neighbours there.
  EntryList list;

  Entry previous;
  Entry next;

  Entry(String id, Running running, long opened) {
    this.id = id;
    this.running = running;
    this.opened = opened;
    used = opened;
  }

  /// Whether it runs a version of its own, or did before that was lost.
  boolean isOwn() {
    return own != null || hasLostOwn;
  }

  /// What runs it.
  Running runner() {
    return own == null ? running : own;
  }

  /// How it is.
  SessionStatus status() {
    ModelVersion version = runner().version();
    return new SessionStatus(
        id,
        version.name(),
        version.version(),
        step,
        Marks.steps(this),
        Instant.ofEpochMilli(opened),
        Instant.ofEpochMilli(used),
        slot != NONE);
  }
}
