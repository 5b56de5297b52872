package dev.unfold.run.session;

import java.util.Optional;

/// Which sessions that nobody holds have their state in memory, and which in files alone; both in the order in which
/// they were used.
///
/// **Threads**: one at a time.
final class Residency {
  private final EntryList resident = new EntryList();
  private final EntryList resting = new EntryList();
  private int inMemory;
  private long evictions;
  private long restorations;

  /// Gives one a slot.
  void takeSlot(Entry entry) {
    entry.slot = entry.running.slabs().take();
    inMemory++;
  }

  /// Gives one a slot for the state that comes back from the files.
  void takeSlotAgain(Entry entry) {
    takeSlot(entry);
    restorations++;
  }

  private void giveBackSlot(Entry entry) {
    if (entry.slot != Entry.NONE) {
      entry.running.slabs().giveBack(entry.slot);
      entry.slot = Entry.NONE;
      inMemory--;
    }
  }

  /// Takes one out, since somebody holds it.
  static void hold(Entry entry) {
    EntryList.remove(entry);
  }

  /// Adds one that was used last of all.
  void rest(Entry entry) {
    (entry.slot == Entry.NONE ? resting : resident).addLast(entry);
  }

  /// Leaves states to the files until at most so many are in memory, or are so because their sessions are held.
  void evictDownTo(int most) {
    while (inMemory > most && resident.size() > 0) {
      evict(resident.first().orElseThrow());
    }
  }

  /// Leaves the state of one to the files.
  void evict(Entry entry) {
    EntryList.remove(entry);
    giveBackSlot(entry);
    resting.addLast(entry);
    evictions++;
  }

  /// Forgets one, with its marks.
  void forget(Entry entry) {
    EntryList.remove(entry);
    Marks.steps(entry).forEach(step -> Marks.drop(entry, step));
    giveBackSlot(entry);
  }

  /// The one in memory that was not used for the longest time.
  Optional<Entry> oldestResident() {
    return resident.first();
  }

  /// The same of those in files alone.
  Optional<Entry> oldestResting() {
    return resting.first();
  }

  /// States in memory, those of sessions that are held among them.
  int inMemory() {
    return inMemory;
  }

  /// States that left memory.
  long evictions() {
    return evictions;
  }

  /// States that came back.
  long restorations() {
    return restorations;
  }
}
