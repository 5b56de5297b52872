package dev.unfold.run.session;

import dev.unfold.argument.Expect;
import dev.unfold.formats.model.StateFile;
import dev.unfold.model.State;
import dev.unfold.sequence.Inputs;
import java.nio.file.Path;

/// One user's, device's or account's state of a model, under a name. A handle: all is in the store.
///
/// What it says depends on the rows that it read, on its model's version, and on nothing else, bit for bit: not on
/// other sessions, on how rows came in parts, or on whether its state was in a file meanwhile.
///
/// **Errors** of all methods: [SessionException], of reason `BUSY` while somebody else is at it, `ENDED` once it has
/// ended, `STORE` if its file fails, `OWN_LOST` as [Turn#pin] says, `CLOSED` once the store is closed.
///
/// **Threads**: any number; of two that change a session at once one is refused.
public final class Session {
  private final SessionActions actions;
  private final String id;

  Session(SessionActions actions, String id) {
    this.actions = actions;
    this.id = id;
  }

  /// Its name.
  public String id() {
    return id;
  }

  /// How it is.
  public SessionStatus status() {
    return actions.status(id);
  }

  /// Reads one or more rows, wherever it is.
  ///
  /// @param rows T rows of what the model reads
  ///
  /// **Errors**: [IllegalArgumentException] if the model does not read such rows; nothing was read then.
  public Answer step(Inputs rows) {
    try (Turn turn = begin()) {
      return turn.step(rows);
    }
  }

  /// Reads rows if it has read `expected` before.
  ///
  /// **Errors**: as [#step(Inputs)]; [SessionException] of reason `MOVED` if it is elsewhere.
  public Answer step(Inputs rows, long expected) {
    try (Turn turn = begin(expected)) {
      return turn.step(rows);
    }
  }

  /// Holds it for several steps.
  public Turn begin() {
    return actions.begin(id);
  }

  /// Holds it if it has read `expected` rows before.
  ///
  /// **Errors**: [SessionException] of reason `MOVED` if it is elsewhere.
  public Turn begin(long expected) {
    Turn turn = begin();
    if (turn.step() != expected) {
      long step = turn.step();
      turn.close();
      throw new SessionException(
          SessionException.Reason.MOVED,
          "expect_step: expected %d, where the session is, got %d".formatted(step, expected));
    }
    return turn;
  }

  /// Another session that goes on from where this one is, with the same model.
  ///
  /// @param other its name
  ///
  /// **Errors**: [SessionException] of reason `EXISTS` or `FULL`.
  public Session fork(String other) {
    return actions.fork(id, Expect.given("id", other));
  }

  /// Keeps its state to go back to.
  ///
  /// @return the step that it is at, which tells the mark
  public long mark() {
    return actions.mark(id);
  }

  /// Goes back to a mark.
  ///
  /// **Errors**: [SessionException] of reason `NO_MARK` if it keeps no state of that step.
  public void rewind(long step) {
    actions.rewind(id, step);
  }

  /// A copy of its state, of one sequence.
  public State state() {
    return actions.state(id);
  }

  /// Goes on from `state` as if it had read `step` rows. Marks are forgotten.
  ///
  /// **Errors**: [IllegalArgumentException] if it is no state of one sequence of the model, or not finite.
  public void restore(State state, long step) {
    actions.restore(id, Expect.given("state", state), step);
  }

  /// Writes its state, as [StateFile] says.
  public void save(Path file) {
    StateFile.save(file, actions.spec(id), state());
  }

  /// Ends it: the name is free again.
  public void end() {
    actions.end(id);
  }
}
