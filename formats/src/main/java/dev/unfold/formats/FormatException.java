package dev.unfold.formats;

/// A file that cannot be read or, as [WriteException], written, for a reason outside the program.
///
/// The message is one line, made for people: which file, what was expected, what came. Whatever a
/// file says about itself appears in it shortened and without control characters.
public sealed class FormatException extends RuntimeException permits WriteException {
  /// With a message for people.
  public FormatException(String message) {
    super(message);
  }

  /// With a message for people and what it was made of.
  public FormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
