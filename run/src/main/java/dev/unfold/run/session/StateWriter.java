package dev.unfold.run.session;

import dev.unfold.run.journal.Change;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Puts states of sessions that somebody holds where they are kept: into the files, if there are any, and then into
/// memory. So what is in memory, and what is told of, is in the files.
///
/// **Threads**: any number; of a session who holds it.
final class StateWriter {
  private final Optional<SessionFiles> files;
  private final InstantSource clock;

  StateWriter(Optional<SessionFiles> files, InstantSource clock) {
    this.files = files;
    this.clock = clock;
  }

  /// Rows have been run, of several sessions.
  ///
  /// **Errors**: [SessionException] of reason `STORE`: none has moved then.
  void finish(List<Job> jobs) {
    if (files.isPresent()) {
      List<Change> changes = new ArrayList<>(jobs.size());
      for (Job job : jobs) {
        changes.add(change(job.entry(), job.entry().step + job.rows().rows(), false, job.state()));
      }
      files.get().write(changes);
    }
    for (Job job : jobs) {
      Entry entry = job.entry();
      entry.running.slabs().write(entry.slot, job.state());
      long before = entry.step;
      entry.step = before + job.rows().rows();
      entry.isNew = false;
    }
  }

  /// Lets a session be somewhere else.
  ///
  /// @param others that are made in the same write
  ///
  /// **Errors**: as above.
  void set(Entry entry, byte[] state, long step, boolean isNew, List<Change> others) {
    if (files.isPresent()) {
      List<Change> changes = new ArrayList<>(others);
      changes.add(change(entry, step, isNew, state));
      files.get().write(changes);
    }
    entry.running.slabs().write(entry.slot, state);
    entry.step = step;
    entry.isNew = isNew;
  }

  private Change change(Entry entry, long step, boolean isNew, byte... state) {
    return SessionFiles.state(entry, clock.millis(), step, isNew, state);
  }

  /// Keeps the state that a session is in as a mark, and forgets others.
  ///
  /// @param old the steps of those
  ///
  /// **Errors**: as above.
  void mark(Entry entry, List<Long> old) {
    byte[] state = state(entry);
    if (files.isPresent()) {
      List<Change> changes = new ArrayList<>();
      old.forEach(step -> changes.add(SessionFiles.removeMark(entry.id, step)));
      changes.add(SessionFiles.mark(entry, state));
      files.get().write(changes);
    }
    old.forEach(step -> Marks.drop(entry, step));
    Marks.keep(entry, files.isPresent(), state);
  }

  /// That a session is no more, before it is forgotten.
  ///
  /// **Errors**: as above.
  void remove(Entry entry) {
    files.ifPresent(own -> own.write(SessionFiles.remove(entry)));
  }

  /// The state of a session that is in memory.
  static byte[] state(Entry entry) {
    return entry.running.slabs().read(entry.slot, entry.running.layout().bytes());
  }

  /// That of a mark.
  byte[] state(Entry entry, Mark mark) {
    return mark.slot() == Entry.NONE
        ? files.orElseThrow().markedState(entry.id, mark.step())
        : entry.running.slabs().read(mark.slot(), entry.running.layout().bytes());
  }

  /// That of a session that is in the files alone.
  byte[] stored(Entry entry) {
    return files.orElseThrow().state(entry.id);
  }
}
