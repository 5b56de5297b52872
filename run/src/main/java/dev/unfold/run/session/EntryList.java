package dev.unfold.run.session;

import java.util.Optional;

/// Sessions in the order in which they were used, linked through themselves.
///
/// **Threads**: one at a time.
final class EntryList {
  private Entry first;
  private Entry last;
  private int size;

  /// The one that was not used for the longest time.
  Optional<Entry> first() {
    return Optional.ofNullable(first);
  }

  int size() {
    return size;
  }

  void addLast(Entry entry) {
    entry.list = this;
    entry.previous = last;
    if (last == null) {
      first = entry;
    } else {
      last.next = entry;
    }
    last = entry;
    size++;
  }

  /// Takes one out of the list that it is in, if it is in any.
  static void remove(Entry entry) {
    if (entry.list != null) {
      entry.list.unlink(entry);
    }
  }

  private void unlink(Entry entry) {
    if (entry.previous == null) {
      first = entry.next;
    } else {
      entry.previous.next = entry.next;
    }
    if (entry.next == null) {
      last = entry.previous;
    } else {
      entry.next.previous = entry.previous;
    }
    entry.previous = null;
    entry.next = null;
    entry.list = null;
    size--;
  }
}
