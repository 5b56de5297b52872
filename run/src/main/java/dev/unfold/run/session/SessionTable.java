package dev.unfold.run.session;

import dev.unfold.run.session.SessionException.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/// Which sessions there are, who is at them, which are in memory, and in which order they were used.
///
/// A session that somebody holds is in no list: neither memory nor time takes it.
///
/// **Threads**: any number.
final class SessionTable {
  private final SessionOptions options;
  private final Optional<SessionFiles> files;
  private final ReentrantLock lock = new ReentrantLock();
  private final Counts counts;

  /// Changed under the lock; names are listed without it, so that nobody waits for that.
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();

  private final EntryList resident = new EntryList();
  private final EntryList resting = new EntryList();
  private final Ended ended = new Ended();
  private List<Entry> found = new ArrayList<>();
  private int inMemory;
  private long evictions;
  private long restorations;
  private long expirations;
  private boolean isClosed;

  /// Changed under the lock.
  private volatile Running newest;

  SessionTable(
      SessionOptions options, Optional<SessionFiles> files, Counts counts, Running newest) {
    this.options = options;
    this.files = files;
    this.counts = counts;
    this.newest = newest;
  }

  /// What new sessions run.
  Running newest() {
    return newest;
  }

  /// Adds one that was in the files.
  void addFound(Entry entry) {
    entries.put(entry.id, entry);
    found.add(entry);
  }

  /// Puts those that were found in the order in which they were used.
  void sortFound() {
    found.sort(Comparator.comparingLong(entry -> entry.used));
    found.forEach(resting::addLast);
    found = new ArrayList<>();
  }

  /// Adds one that is held and has a slot.
  void reserve(Entry entry) {
    lock.lock();
    try {
      expectOpen();
      if (entries.containsKey(entry.id)) {
        throw new SessionException(Reason.EXISTS, "id: expected a new name, got " + entry.id);
      }
      if (entries.size() >= options.open()) {
        throw new SessionException(
            Reason.FULL, "sessions: expected %d at most, got one more".formatted(options.open()));
      }
      ended.forget(entry.id);
      entry.isHeld = true;
      takeSlot(entry);
      entries.put(entry.id, entry);
    } finally {
      lock.unlock();
    }
  }

  private void takeSlot(Entry entry) {
    entry.slot = entry.running.slabs().take();
    inMemory++;
  }

  private void giveBackSlot(Entry entry) {
    if (entry.slot != Entry.NONE) {
      entry.running.slabs().giveBack(entry.slot);
      entry.slot = Entry.NONE;
      inMemory--;
    }
  }

  /// Gives a held one a slot for the state that comes back.
  void giveSlot(Entry entry) {
    lock.lock();
    try {
      takeSlot(entry);
      restorations++;
    } finally {
      lock.unlock();
    }
  }

  /// Holds one, which runs the newest version from now on if its state is alike.
  Entry hold(String id, long now) {
    lock.lock();
    try {
      expectOpen();
      Entry entry = find(id, now);
      if (entry.isHeld) {
        throw new SessionException(
            Reason.BUSY, "session: expected one that nobody else is at, got " + id);
      }
      entry.isHeld = true;
      EntryList.remove(entry);
      if (newest.layout().isAlike(entry.running.layout())) {
        entry.running = newest;
      }
      return entry;
    } finally {
      lock.unlock();
    }
  }

  /// Lets a held one run the newest, if its state is alike.
  void follow(Entry entry) {
    lock.lock();
    try {
      if (newest.layout().isAlike(entry.running.layout())) {
        entry.running = newest;
      }
    } finally {
      lock.unlock();
    }
  }

  void release(Entry entry, long now) {
    lock.lock();
    try {
      entry.isHeld = false;
      entry.used = now;
      (entry.slot == Entry.NONE ? resting : resident).addLast(entry);
      while (files.isPresent() && inMemory > options.resident() && resident.size() > 0) {
        evict(resident.first().orElseThrow());
      }
    } finally {
      lock.unlock();
    }
  }

  private void evict(Entry entry) {
    EntryList.remove(entry);
    giveBackSlot(entry);
    resting.addLast(entry);
    evictions++;
  }

  /// Removes one, with all that it has.
  void remove(Entry entry) {
    lock.lock();
    try {
      forget(entry);
    } finally {
      lock.unlock();
    }
  }

  private void forget(Entry entry) {
    EntryList.remove(entry);
    Marks.steps(entry).forEach(step -> removeMark(entry, step));
    giveBackSlot(entry);
    entries.remove(entry.id);
  }

  /// Keeps a state of a held one in memory, or that files have it.
  void addMark(Entry entry, byte... state) {
    lock.lock();
    try {
      removeMark(entry, entry.step);
      int slot = Entry.NONE;
      if (files.isEmpty()) {
        slot = entry.running.slabs().take();
        entry.running.slabs().write(slot, state);
      }
      Marks.add(entry, new Mark(entry.step, slot, entry.isNew));
    } finally {
      lock.unlock();
    }
  }

  void removeMark(Entry entry, long step) {
    lock.lock();
    try {
      Optional<Mark> mark = Marks.find(entry, step);
      mark.filter(own -> own.slot() != Entry.NONE)
          .ifPresent(own -> entry.running.slabs().giveBack(own.slot()));
      mark.ifPresent(own -> entry.marks.remove(step));
    } finally {
      lock.unlock();
    }
  }

  /// **Errors**: [SessionException] of reason `UNKNOWN` or `ENDED`.
  void expect(String id, long now) {
    lock.lock();
    try {
      find(id, now);
    } finally {
      lock.unlock();
    }
  }

  private Entry find(String id, long now) {
    Entry entry = entries.get(id);
    if (entry != null && !entry.isHeld && end(entry) <= now) {
      expire(entry, now);
      entry = null;
    }
    if (entry == null) {
      Optional<Instant> time = ended.time(id);
      throw time.isPresent()
          ? Sessions.ended(id, time.get())
          : new SessionException(Reason.UNKNOWN, "session: expected one that is open, got " + id);
    }
    return entry;
  }

  /// When it ends if nobody uses it.
  private long end(Entry entry) {
    return entry.used + (files.isPresent() ? options.kept() : options.idle()).toMillis();
  }

  private void expire(Entry entry, long now) {
    files.ifPresent(own -> own.write(SessionFiles.remove(entry)));
    forget(entry);
    ended.add(entry.id, Math.min(now, end(entry)));
    expirations++;
  }

  /// Ends what is to end, and takes from memory what was idle for too long.
  void sweep(long now) {
    lock.lock();
    try {
      if (isClosed) {
        return;
      }
      long idle = options.idle().toMillis();
      Optional<Entry> first = resident.first();
      while (first.isPresent() && first.get().used + idle <= now) {
        if (files.isPresent()) {
          evict(first.get());
        } else {
          expire(first.get(), now);
        }
        first = resident.first();
      }
      first = resting.first();
      while (first.isPresent() && end(first.get()) <= now) {
        expire(first.get(), now);
        first = resting.first();
      }
    } finally {
      lock.unlock();
    }
  }

  /// The names of all versions that sessions run, and of the newest.
  Set<String> versions() {
    return runnings().stream()
        .map(running -> running.version().version())
        .collect(Collectors.toSet());
  }

  private Set<Running> runnings() {
    lock.lock();
    try {
      Set<Running> all = new LinkedHashSet<>(List.of(newest));
      entries.values().forEach(entry -> all.add(entry.running));
      return all;
    } finally {
      lock.unlock();
    }
  }

  /// Lets new sessions run another version, and all that nobody holds and whose state is alike; so that nothing refers
  /// to the old one but those that are at it.
  void use(Running next) {
    lock.lock();
    try {
      newest = next;
      for (Entry entry : entries.values()) {
        if (!entry.isHeld && next.layout().isAlike(entry.running.layout())) {
          entry.running = next;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  boolean has(String id) {
    lock.lock();
    try {
      return entries.containsKey(id);
    } finally {
      lock.unlock();
    }
  }

  /// The first names behind one, in order.
  List<String> ids(String after, int limit) {
    TreeSet<String> first = new TreeSet<>();
    for (String id : entries.keySet()) {
      boolean isNext = first.size() < limit || id.compareTo(first.last()) < 0;
      if (isNext && id.compareTo(after) > 0) {
        first.add(id);
        if (first.size() > limit) {
          first.pollLast();
        }
      }
    }
    return List.copyOf(first);
  }

  int size() {
    lock.lock();
    try {
      return entries.size();
    } finally {
      lock.unlock();
    }
  }

  Running running(String id) {
    lock.lock();
    try {
      return entries.get(id).running;
    } finally {
      lock.unlock();
    }
  }

  SessionStatus status(String id, long now) {
    lock.lock();
    try {
      Entry entry = find(id, now);
      ModelVersion version = entry.runner().version();
      return new SessionStatus(
          id,
          version.name(),
          version.version(),
          entry.step,
          Marks.steps(entry),
          Instant.ofEpochMilli(entry.opened),
          Instant.ofEpochMilli(entry.used),
          entry.slot != Entry.NONE);
    } finally {
      lock.unlock();
    }
  }

  SessionStatistics statistics(long fileBytes) {
    Set<Running> all = runnings();
    lock.lock();
    try {
      return new SessionStatistics(
          entries.size(),
          inMemory,
          all.stream().map(Running::slabs).distinct().mapToLong(Slabs::bytes).sum(),
          fileBytes,
          evictions,
          restorations,
          expirations,
          counts.rows().sum(),
          counts.frames().sum());
    } finally {
      lock.unlock();
    }
  }

  /// Lets nobody hold one any more.
  void close() {
    lock.lock();
    try {
      isClosed = true;
    } finally {
      lock.unlock();
    }
  }

  private void expectOpen() {
    if (isClosed) {
      throw new SessionException(Reason.STORE, "sessions: expected a store that is open");
    }
  }
}
