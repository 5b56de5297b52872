package dev.unfold.run.session;

import dev.unfold.argument.Expect;

/// A session cannot do what was asked for, as things are. Nothing has changed.
public final class SessionException extends RuntimeException {
  private final Reason reason;

  /// Why.
  public enum Reason {
    /// There is none of that name.
    UNKNOWN,
    /// There was one; it has ended.
    ENDED,
    /// There is one of that name already.
    EXISTS,
    /// Somebody else is at it.
    BUSY,
    /// It is at another step than was expected.
    MOVED,
    /// It keeps no state of that step.
    NO_MARK,
    /// It ran a version of its own, which was lost with the process that had it.
    OWN_LOST,
    /// There are as many as there may be.
    FULL,
    /// Its file cannot be read or written.
    STORE,
    /// The store of all sessions was closed.
    CLOSED
  }

  SessionException(Reason reason, String message) {
    this(reason, message, null);
  }

  SessionException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = Expect.given("reason", reason);
  }

  /// Why.
  public Reason reason() {
    return reason;
  }
}
