package dev.unfold.run.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Optional;

/// The files of a journal from the oldest to the newest, and whether the one before the newest is on the disk.
///
/// **Threads**: one at a time.
final class Segments {
  private final Path folder;
  private final Deque<Segment> all = new ArrayDeque<>();
  private boolean isSealed = true;

  Segments(Path folder) {
    this.folder = folder;
  }

  /// Adds those that were there; makes the first if there are none.
  void addAll(Collection<Segment> found) throws IOException {
    all.addAll(found);
    if (all.isEmpty()) {
      all.addLast(Segment.create(folder, 1));
    }
  }

  Segment oldest() {
    return all.getFirst();
  }

  Segment newest() {
    return all.getLast();
  }

  int size() {
    return all.size();
  }

  /// Bytes of all.
  long bytes() {
    return all.stream().mapToLong(Segment::end).sum();
  }

  /// Adds another one behind the newest, which is full and has to be brought to the disk.
  void follow() throws IOException {
    Segment full = newest();
    int number = full.number() + 1;
    SegmentFiles.note(folder, number, full.end());
    all.addLast(Segment.create(folder, number));
    isSealed = false;
  }

  /// Whether all but the newest are on the disk.
  boolean isSealed() {
    return isSealed;
  }

  /// The one that has to be brought to the disk, if there is one.
  Optional<Segment> unsealed() {
    return isSealed
        ? Optional.empty()
        : all.stream().filter(each -> each.number() == newest().number() - 1).findFirst();
  }

  /// The one before the newest is on the disk.
  void sealed() throws IOException {
    SegmentFiles.forget(folder, newest().number());
    isSealed = true;
  }

  /// Deletes the oldest.
  void deleteOldest() throws IOException {
    all.removeFirst().delete();
  }

  void close() {
    all.forEach(Segment::closeQuietly);
  }
}
