package dev.unfold.run.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// The marks of a session.
final class Marks {
  private Marks() {}

  static void add(Entry entry, Mark mark) {
    if (entry.marks == null) {
      entry.marks = new TreeMap<>();
    }
    entry.marks.put(mark.step(), mark);
  }

  static Optional<Mark> find(Entry entry, long step) {
    return entry.marks == null ? Optional.empty() : Optional.ofNullable(entry.marks.get(step));
  }

  /// Their steps, in order.
  static List<Long> steps(Entry entry) {
    return entry.marks == null ? List.of() : List.copyOf(entry.marks.keySet());
  }

  /// The first ones besides `most`, not counting one of the step that the session is at.
  static List<Long> tooMany(Entry entry, int most) {
    List<Long> others = new ArrayList<>(steps(entry));
    others.remove(Long.valueOf(entry.step));
    return others.subList(0, Math.max(0, others.size() - most));
  }
}
