package dev.unfold.kernels.work;

import java.util.concurrent.atomic.AtomicLongArray;

/// How far each part of a team's work has come. Every phase, of all tasks of the team in a row, has a number from 1 on;
/// a part of it is claimed by one member, and then done.
///
/// What a member wrote before it was done with a part, another sees after it has seen that. A part can be claimed
/// only while the phase before it is the last that was done, so a member that comes late claims nothing.
///
/// **Threads**: any.
final class PartStates {
  /// Numbers apart, so that those of two parts are neither in one cache line, nor in two that are fetched together.
  private static final int LINE = 16;

  /// For each part twice the number of the last phase that was done, or that less one if it is claimed; beside it
  /// whether its own member is expected.
  private final AtomicLongArray states;

  private final int parts;

  PartStates(int parts) {
    this.parts = parts;
    states = new AtomicLongArray((parts + 1) * LINE);
  }

  private static int slot(int part) {
    return (part + 1) * LINE;
  }

  /// Claims a part; false if another member has.
  boolean claim(int part, long phase) {
    long before = 2 * (phase - 1);
    int slot = slot(part);
    return states.getAcquire(slot) == before && states.compareAndSet(slot, before, before + 1);
  }

  /// Tells that a part that the caller has claimed is done.
  void done(int part, long phase) {
    states.set(slot(part), 2 * phase);
  }

  boolean isClaimed(int part, long phase) {
    return states.getAcquire(slot(part)) >= 2 * phase - 1;
  }

  /// Whether all parts of a phase are done.
  boolean areDone(long phase) {
    for (int part = 0; part < parts; part++) {
      if (states.getAcquire(slot(part)) < 2 * phase) {
        return false;
      }
    }
    return true;
  }

  /// The last phase of which a part is claimed or done: one that had begun when this was read.
  long begun(int part) {
    return (states.getAcquire(slot(part)) + 1) / 2;
  }

  /// Says whether the member whose own part this is will take it.
  void expect(int part, boolean expected) {
    int slot = slot(part) + 1;
    long value = expected ? 1 : 0;
    if (states.getOpaque(slot) != value) {
      states.setOpaque(slot, value);
    }
  }

  boolean isExpected(int part) {
    return states.getOpaque(slot(part) + 1) != 0;
  }
}
