package dev.unfold.run.session;

import dev.unfold.argument.Expect;
import dev.unfold.model.State;
import dev.unfold.sequence.Inputs;

/// A session held by one who steps it several times: others are refused until it is closed.
///
/// **Threads**: one at a time.
public final class Turn implements AutoCloseable {
  private final SessionActions actions;
  private final Entry entry;
  private boolean isClosed;

  Turn(SessionActions actions, Entry entry) {
    this.actions = actions;
    this.entry = entry;
  }

  /// Reads rows, as [Session#step].
  public Answer step(Inputs rows) {
    Expect.given("rows", rows);
    expectOpen();
    return actions.run(entry, rows);
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
    return SessionActions.state(entry);
  }

  /// Lets the session run a version of its own from its next step on, whatever others run. A fork of it runs what
  /// others run.
  ///
  /// The version is in memory alone: it stays when the state is left to a file and comes back, and is lost when the
  /// store is closed or its process ends. So that nobody is answered by another model without a word, a session that
  /// was stepped with it is not stepped then ([SessionException] of reason `OWN_LOST`) until it is pinned anew, or
  /// [#unpin] lets it run what others run.
  ///
  /// **Errors**: [IllegalArgumentException] for one whose states have other names or sizes.
  public void pin(ModelVersion own) {
    actions.pin(entry, Expect.given("own", own));
  }

  /// Whether it ran a version of its own that was lost, as [#pin] says.
  public boolean hasLostOwn() {
    return entry.hasLostOwn;
  }

  /// Lets it run what others run again, from this turn on. Its state stays.
  public void unpin() {
    actions.unpin(entry);
  }

  /// Ends the session within this turn, so that nobody comes between its last step and its end: the name is free again,
  /// and the turn is closed.
  ///
  /// **Errors**: [SessionException] of reason `STORE` if its files cannot be written: it is held as before.
  public void end() {
    expectOpen();
    actions.end(entry);
    isClosed = true;
  }

  private void expectOpen() {
    if (isClosed) {
      throw new IllegalStateException("turn: expected one that is not closed");
    }
  }

  /// Lets others step it.
  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      actions.release(entry);
    }
  }
}
