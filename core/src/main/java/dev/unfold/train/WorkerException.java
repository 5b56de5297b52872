package dev.unfold.train;

import dev.unfold.argument.Expect;

/// Training cannot go on because one of several workers failed, is gone, or is not what it should be: the message
/// says which and why, in one line.
public final class WorkerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean isFinal;

  public WorkerException(String message) {
    this(message, false);
  }

  /// @param isFinal whether another attempt of the same workers would end the same way
  public WorkerException(String message, boolean isFinal) {
    super(Expect.given("message", message));
    this.isFinal = isFinal;
  }

  public WorkerException(String message, Throwable cause) {
    super(Expect.given("message", message), cause);
    isFinal = false;
  }

  /// Whether another attempt would end the same way: one of the workers refused ([Workers#refuse]), instead of failing.
  public boolean isFinal() {
    return isFinal;
  }
}
