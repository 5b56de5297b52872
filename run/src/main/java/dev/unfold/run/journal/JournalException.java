package dev.unfold.run.journal;

/// Files of a journal cannot be read or written, or are not what was written.
public final class JournalException extends RuntimeException {
  JournalException(String message) {
    super(message);
  }

  JournalException(String message, Throwable cause) {
    super(message, cause);
  }
}
