package dev.unfold.bench.report;

import dev.unfold.bench.problem.Shape;
import java.util.List;
import java.util.Optional;

/// All libraries at one point.
///
/// @param shape what was computed
/// @param entries Unfold first
public record Point(Shape shape, List<Entry> entries) {
  /// Copies the list.
  public Point {
    entries = List.copyOf(entries);
  }

  /// How long `peer` took, if it was timed.
  public Optional<Entry.Timing> timing(String peer) {
    return entries.stream()
        .filter(entry -> entry.peer().equals(peer) && entry.timing() != null)
        .map(Entry::timing)
        .findFirst();
  }
}
