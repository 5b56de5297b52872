package dev.unfold.run.learn;

import dev.unfold.run.learn.SegmentReader.Held;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// A session that is followed: its last rows, and where it is for each copy that reads it.
///
/// **Threads**: the rows belong to who tells of the session, all else to who learns.
final class Followed {
  private final Ground ground;
  private final LabelledRows rows;
  private final IdentityHashMap<Object, Held> held = new IdentityHashMap<>();

  /// For copies that have not read it: where it is for what was served to it last; null before its first segment.
  private Held spoken;

  /// Whether the next segment is one that only moves the states, since what was before it is not known.
  private boolean isFirst;

  /// @param ground what it is read by
  /// @param isWhole whether it is known from its first row on
  Followed(Ground ground, LabelledRows rows, boolean isWhole) {
    this.ground = ground;
    this.rows = rows;
    isFirst = !isWhole;
  }

  Ground ground() {
    return ground;
  }

  LabelledRows rows() {
    return rows;
  }

  /// Whether the segment that is cut now is the first of a session whose beginning is not known. Asked once for each.
  boolean cut() {
    boolean first = isFirst;
    isFirst = false;
    return first;
  }

  /// Where it is for `copy`.
  Held held(Object copy, Supplier<Held> zero) {
    Held own = held.get(copy);
    if (own != null) {
      return own;
    }
    // A session goes on from its state when its model becomes another.
    return spoken == null ? zero.get() : new Held(spoken.state(), Optional.empty());
  }

  void keep(Object copy, Held now) {
    held.put(copy, now);
  }

  /// Forgets copies that are no more, and numbers that nobody can go on from.
  void only(List<Object> copies, Object served) {
    Set<Object> alive = Collections.newSetFromMap(new IdentityHashMap<>());
    alive.addAll(copies);
    held.keySet().retainAll(alive);
    held.values().removeIf(own -> !isFinite(own));
    spoken = held.get(served);
  }

  private static boolean isFinite(Held own) {
    return own.state().layers().stream()
        .flatMap(List::stream)
        .allMatch(state -> {
          for (int column = 0; column < state.cols(); column++) {
            if (!Double.isFinite(state.get(0, column))) {
              return false;
            }
          }
          return true;
        });
  }
}
