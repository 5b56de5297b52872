package dev.unfold.run.session;

import dev.unfold.argument.Refusal;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import dev.unfold.run.journal.Change;
import dev.unfold.run.session.SessionException.Reason;
import dev.unfold.sequence.Inputs;
import java.time.InstantSource;
import java.util.List;

/// What is done with a single session: what [Session] and [Turn] are handles of.
///
/// **Threads**: any number; whoever does something with a session holds it meanwhile, and others are refused.
final class SessionActions {
  private final SessionOptions options;
  private final InstantSource clock;
  private final SessionTable table;
  private final Runnings runnings;
  private final StateWriter writer;

  SessionActions(
      SessionOptions options,
      InstantSource clock,
      SessionTable table,
      Runnings runnings,
      StateWriter writer) {
    this.options = options;
    this.clock = clock;
    this.table = table;
    this.runnings = runnings;
    this.writer = writer;
  }

  /// Opens one whose state is zeros, or what the network says of its first row.
  Session open(String id) {
    Running running = table.newest();
    Entry entry = new Entry(Names.expect(id), running, clock.millis());
    return open(entry, 0, true, running.layout().zeros());
  }

  private Session open(Entry entry, long step, boolean isNew, byte... state) {
    table.reserve(entry);
    boolean isOpen = false;
    try {
      writer.set(entry, state, step, isNew, List.of());
      isOpen = true;
    } finally {
      if (isOpen) {
        table.release(entry, clock.millis());
      } else {
        table.remove(entry);
      }
    }
    return new Session(this, entry.id);
  }

  Session find(String id) {
    Running _ = table.expect(id, clock.millis());
    return new Session(this, id);
  }

  Turn begin(String id) {
    return new Turn(this, hold(id));
  }

  /// Nobody else is at it until it is released, and its state is in memory.
  private Entry hold(String id) {
    Entry entry = table.hold(id, clock.millis());
    if (entry.slot == Entry.NONE) {
      boolean isBack = false;
      try {
        byte[] state = writer.stored(entry);
        table.giveSlot(entry);
        entry.running.slabs().write(entry.slot, state);
        isBack = true;
      } finally {
        if (!isBack) {
          table.release(entry, entry.used);
        }
      }
    }
    return entry;
  }

  void release(Entry entry) {
    table.release(entry, clock.millis());
  }

  void pin(Entry entry, ModelVersion own) {
    Running next = runnings.ofOne(own);
    if (!next.layout().isAlike(entry.running.layout())) {
      throw new Refusal("own", "a version whose states are like those of the session", "another");
    }
    entry.own = next;
    entry.hasLostOwn = false;
  }

  void unpin(Entry entry) {
    boolean wasOwn = entry.isOwn();
    entry.own = null;
    entry.hasLostOwn = false;
    table.follow(entry);
    if (wasOwn) {
      try {
        writer.set(entry, StateWriter.state(entry), entry.step, entry.isNew, List.of());
      } catch (SessionException e) {
        // Nothing is lost but that the files do not know it yet; its next step says what is wrong
        // with them.
        System.getLogger(SessionActions.class.getName())
            .log(System.Logger.Level.WARNING, entry.id + ": " + e.getMessage());
      }
    }
  }

  Answer run(Entry entry, Inputs rows) {
    if (entry.hasLostOwn) {
      throw new SessionException(
          Reason.OWN_LOST,
          "session: expected its own weights, which were lost with the process that had them;"
              + " freeze it to go on with what is served, or let it learn anew; got "
              + entry.id);
    }
    Running running = entry.runner();
    Rows.check(running.version().network().spec().encoder(), rows);
    Job job = running.batcher().job(entry, rows, StateWriter.state(entry));
    running.batcher().run(job);
    return new Answer(running.version().version(), entry.step, job.outputs());
  }

  SessionStatus status(String id) {
    return table.status(id, clock.millis());
  }

  Session fork(String id, String other) {
    Entry entry = hold(id);
    try {
      Entry next = new Entry(Names.expect(other), entry.running, clock.millis());
      return open(next, entry.step, entry.isNew, StateWriter.state(entry));
    } finally {
      release(entry);
    }
  }

  long mark(String id) {
    Entry entry = hold(id);
    try {
      writer.mark(entry, Marks.tooMany(entry, options.marks() - 1));
      return entry.step;
    } finally {
      release(entry);
    }
  }

  void rewind(String id, long step) {
    Entry entry = hold(id);
    try {
      Mark mark =
          Marks.find(entry, step)
              .orElseThrow(() ->
                  new SessionException(
                      Reason.NO_MARK,
                      "step: expected one of the marks %s, got %d"
                          .formatted(Marks.steps(entry), step)));
      writer.set(entry, writer.state(entry, mark), step, mark.isNew(), List.of());
    } finally {
      release(entry);
    }
  }

  static State state(Entry entry) {
    return entry.running.layout().state(StateWriter.state(entry));
  }

  State state(String id) {
    Entry entry = hold(id);
    try {
      return state(entry);
    } finally {
      release(entry);
    }
  }

  void restore(String id, State state, long step) {
    if (step < 0) {
      throw new Refusal("step", "0 or more", step);
    }
    Entry entry = hold(id);
    try {
      byte[] bytes = entry.running.layout().bytes(state);
      List<Long> old = Marks.steps(entry);
      List<Change> changes = old.stream().map(each -> SessionFiles.removeMark(id, each)).toList();
      writer.set(entry, bytes, step, false, changes);
      old.forEach(each -> Marks.drop(entry, each));
    } finally {
      release(entry);
    }
  }

  void end(String id) {
    Entry entry = table.hold(id, clock.millis());
    boolean isOver = false;
    try {
      end(entry);
      isOver = true;
    } finally {
      if (!isOver) {
        table.release(entry, entry.used);
      }
    }
  }

  /// Ends one that is held. If that fails it is held as before.
  void end(Entry entry) {
    writer.remove(entry);
    table.remove(entry);
  }

  NetworkSpec spec(String id) {
    return table.expect(id, clock.millis()).version().network().spec();
  }
}
