package dev.unfold.run.output;

/// A command cannot go on, for a reason that its message tells in one line.
public final class FailureException extends RuntimeException {
  public FailureException(String message, Throwable cause) {
    super(message, cause);
  }
}
