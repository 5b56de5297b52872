package dev.unfold.run.session;

import dev.unfold.argument.Expect;
import dev.unfold.model.State;
import dev.unfold.sequence.Inputs;

/// A session held by one who steps it several times: others are refused until it is closed.
///
/// **Threads**: one at a time.
public final class Turn implements AutoCloseable {
  private final Sessions sessions;
  private final Entry entry;
  private boolean isClosed;

  Turn(Sessions sessions, Entry entry) {
    this.sessions = sessions;
    this.entry = entry;
  }

  /// Reads rows, as [Session#step].
  public Answer step(Inputs rows) {
    Expect.given("rows", rows);
    if (isClosed) {
      throw new IllegalStateException("turn: expected one that is not closed");
    }
    return sessions.run(entry, rows);
  }

  /// How many rows the session has read.
  public long step() {
    return entry.step;
  }

  /// The version of the model that runs it during this turn.
  public ModelVersion version() {
    return entry.runner().version();
  }

  /// A copy of its state, of one sequence.
  public State state() {
    return sessions.state(entry);
  }

  /// Lets the session run a version of its own from its next step on, whatever others run, for as long as the store is
  /// open. A fork of it runs what others run.
  ///
  /// **Errors**: [IllegalArgumentException] for one whose states have other names or sizes.
  public void pin(ModelVersion own) {
    sessions.pin(entry, Expect.given("own", own));
  }

  /// Lets it run what others run again, from this turn on. Its state stays.
  public void unpin() {
    sessions.unpin(entry);
  }

  /// Lets others step it.
  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      sessions.release(entry);
    }
  }
}
