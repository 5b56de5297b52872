package dev.unfold.data.source;

/// Data that cannot be used, for a reason that whoever gave them can remove.
///
/// The message is one line, made for people: which file, what was expected, what came.
public final class DataException extends RuntimeException {
  /// With a message for people.
  public DataException(String message) {
    super(line(message));
  }

  /// With a message for people and what it was made of.
  public DataException(String message, Throwable cause) {
    super(line(message), cause);
  }

  /// A file's name may hold anything.
  private static String line(String message) {
    return message.replaceAll("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]", "?");
  }
}
