package dev.unfold.run.session;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The marks of a session, and the slots that they have in memory.
///
/// **Threads**: they are changed by who holds the session, and read by anybody.
final class Marks {
  private Marks() {}

  static void add(Entry entry, Mark mark) {
    SortedMap<Long, Mark> next = copy(entry);
    next.put(mark.step(), mark);
    set(entry, next);
  }

  private static SortedMap<Long, Mark> copy(Entry entry) {
    SortedMap<Long, Mark> now = entry.marks;
    return now == null ? new TreeMap<>() : new TreeMap<>(now);
  }

  private static void set(Entry entry, SortedMap<Long, Mark> next) {
    entry.marks = next.isEmpty() ? null : Collections.unmodifiableSortedMap(next);
  }

  /// Marks the step that the session is at, in the place of a mark of that step.
  ///
  /// @param isInFiles whether files have its state; otherwise a slot gets it
  static void keep(Entry entry, boolean isInFiles, byte... state) {
    drop(entry, entry.step);
    int slot = Entry.NONE;
    if (!isInFiles) {
      slot = entry.running.slabs().take();
      entry.running.slabs().write(slot, state);
    }
    add(entry, new Mark(entry.step, slot, entry.isNew));
  }

  /// Forgets the mark of a step, if there is one.
  static void drop(Entry entry, long step) {
    SortedMap<Long, Mark> next = copy(entry);
    Mark mark = next.remove(step);
    if (mark != null) {
      set(entry, next);
      if (mark.slot() != Entry.NONE) {
        entry.running.slabs().giveBack(mark.slot());
      }
    }
  }

  static Optional<Mark> find(Entry entry, long step) {
    SortedMap<Long, Mark> now = entry.marks;
    return now == null ? Optional.empty() : Optional.ofNullable(now.get(step));
  }

  /// Their steps, in order.
  static List<Long> steps(Entry entry) {
    SortedMap<Long, Mark> now = entry.marks;
    return now == null ? List.of() : List.copyOf(now.keySet());
  }

  /// The first ones besides `most`, not counting one of the step that the session is at.
  static List<Long> tooMany(Entry entry, int most) {
    List<Long> others = new ArrayList<>(steps(entry));
    others.remove(Long.valueOf(entry.step));
    return others.subList(0, Math.max(0, others.size() - most));
  }
}
