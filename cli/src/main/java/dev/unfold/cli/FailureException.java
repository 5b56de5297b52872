package dev.unfold.cli;

/// A command cannot go on, for a reason that its message tells in one line.
final class FailureException extends RuntimeException {
  FailureException(String message, Throwable cause) {
    super(message, cause);
  }
}
