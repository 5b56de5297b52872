package dev.unfold.run.session;

import dev.unfold.run.session.SessionException.Reason;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Which sessions there are, who is at them, and which end because nobody uses them.
///
/// A session that somebody holds is in no list: neither memory nor time takes it.
///
/// **Threads**: any number.
final class SessionTable {
  private final SessionOptions options;
  private final boolean hasFiles;
  private final Consumer<Entry> ending;
  private final Counts counts;

  /// Changed by one at a time; names are listed without it, so that nobody waits for that.
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();

  private final Residency residency = new Residency();
  private final Ended ended = new Ended();
  private long expirations;
  private boolean isClosed;

  /// Changed by one at a time, and read by any.
  private volatile Running newest;

  /// @param hasFiles whether a state may be in files alone
  /// @param ending what is done before a session is forgotten that nobody used; if it fails, it is not
  SessionTable(
      SessionOptions options,
      boolean hasFiles,
      Consumer<Entry> ending,
      Counts counts,
      Running newest) {
    this.options = options;
    this.hasFiles = hasFiles;
    this.ending = ending;
    this.counts = counts;
    this.newest = newest;
  }

  /// What new sessions run.
  Running newest() {
    return newest;
  }

  /// Adds those that were in the files, in the order in which they were used.
  synchronized void addFound(List<Entry> found) {
    for (Entry entry : found) {
      entries.put(entry.id, entry);
      residency.rest(entry);
    }
  }

  /// Adds one that is held and has a slot.
  synchronized void reserve(Entry entry) {
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
    residency.takeSlot(entry);
    entries.put(entry.id, entry);
  }

  /// Gives a held one a slot for the state that comes back.
  synchronized void giveSlot(Entry entry) {
    residency.takeSlotAgain(entry);
  }

  /// Holds one, which runs the newest version from now on if its state is alike.
  synchronized Entry hold(String id, long now) {
    expectOpen();
    Entry entry = find(id, now);
    if (entry.isHeld) {
      throw new SessionException(
          Reason.BUSY, "session: expected one that nobody else is at, got " + id);
    }
    entry.isHeld = true;
    Residency.hold(entry);
    followNewest(entry);
    return entry;
  }

  private void followNewest(Entry entry) {
    if (newest.layout().isAlike(entry.running.layout())) {
      entry.running = newest;
    }
  }

  /// Lets a held one run the newest, if its state is alike.
  synchronized void follow(Entry entry) {
    followNewest(entry);
  }

  synchronized void release(Entry entry, long now) {
    entry.isHeld = false;
    entry.used = now;
    residency.rest(entry);
    if (hasFiles) {
      residency.evictDownTo(options.resident());
    }
  }

  /// Removes one, with all that it has in memory.
  synchronized void remove(Entry entry) {
    forget(entry);
  }

  private void forget(Entry entry) {
    residency.forget(entry);
    entries.remove(entry.id);
  }

  /// **Errors**: [SessionException] of reason `UNKNOWN` or `ENDED`.
  synchronized Running expect(String id, long now) {
    return find(id, now).running;
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
    return entry.used + (hasFiles ? options.kept() : options.idle()).toMillis();
  }

  private void expire(Entry entry, long now) {
    ending.accept(entry);
    forget(entry);
    ended.add(entry.id, Math.min(now, end(entry)));
    expirations++;
  }

  /// Ends what is to end, and takes from memory what was idle for too long.
  synchronized void sweep(long now) {
    if (isClosed) {
      return;
    }
    long idle = options.idle().toMillis();
    Optional<Entry> first = residency.oldestResident();
    while (first.isPresent() && first.get().used + idle <= now) {
      if (hasFiles) {
        residency.evict(first.get());
      } else {
        expire(first.get(), now);
      }
      first = residency.oldestResident();
    }
    first = residency.oldestResting();
    while (first.isPresent() && end(first.get()) <= now) {
      expire(first.get(), now);
      first = residency.oldestResting();
    }
  }

  /// The names of all versions that sessions run, and of the newest.
  Set<String> versions() {
    return runnings().stream()
        .map(running -> running.version().version())
        .collect(Collectors.toSet());
  }

  private synchronized Set<Running> runnings() {
    Set<Running> all = new LinkedHashSet<>(List.of(newest));
    entries.values().forEach(entry -> all.add(entry.running));
    return all;
  }

  /// Lets new sessions run another version, and all that nobody holds and whose state is alike; so that nothing refers
  /// to the old one but those that are at it.
  synchronized void use(Running next) {
    newest = next;
    entries.values().stream().filter(entry -> !entry.isHeld).forEach(this::followNewest);
  }

  boolean has(String id) {
    return entries.containsKey(id);
  }

  /// The first names behind one, in order.
  List<String> ids(String after, int limit) {
    return Names.next(entries.keySet(), after, limit);
  }

  int size() {
    return entries.size();
  }

  synchronized SessionStatus status(String id, long now) {
    return find(id, now).status();
  }

  synchronized SessionStatistics statistics(long fileBytes) {
    Set<Running> all = runnings();
    return new SessionStatistics(
        entries.size(),
        residency.inMemory(),
        all.stream().map(Running::slabs).distinct().mapToLong(Slabs::bytes).sum(),
        fileBytes,
        residency.evictions(),
        residency.restorations(),
        expirations,
        counts.rows().sum(),
        counts.frames().sum());
  }

  /// Lets nobody hold one any more.
  synchronized void close() {
    isClosed = true;
  }

  private void expectOpen() {
    if (isClosed) {
      throw new SessionException(Reason.CLOSED, "sessions: expected a store that is open");
    }
  }
}
