package dev.unfold.train;

import dev.unfold.argument.Expect;

/// Training cannot go on because one of several workers failed, is gone, or is not what it should be: the message
/// says which and why, in one line.
public final class WorkerException extends RuntimeException {
  public WorkerException(String message) {
    super(Expect.given("message", message));
  }

  public WorkerException(String message, Throwable cause) {
    super(Expect.given("message", message), cause);
  }
}
