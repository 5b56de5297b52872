package dev.unfold.run.journal;

/// Files of a journal cannot be read or written, or are not what was written.
public final class JournalException extends RuntimeException {
  private final boolean isOfClosed;

  JournalException(String message) {
    super(message);
    isOfClosed = false;
  }

  JournalException(String message, Throwable cause) {
    super(message, cause);
    isOfClosed = false;
  }

  private JournalException(String message, boolean isOfClosed) {
    super(message);
    this.isOfClosed = isOfClosed;
  }

  /// That a journal was closed before it was used.
  static JournalException ofClosed(String message) {
    return new JournalException(message, true);
  }

  /// Whether nothing is wrong but that the journal was closed.
  public boolean isOfClosed() {
    return isOfClosed;
  }
}
