package dev.unfold.formats.safetensors;

/// A file that cannot be read or, as [WriteException], written, for a reason outside the program.
///
/// The message is one line, made for people: which file, what was expected, what came. Whatever a
/// file says about itself appears in it shortened, and nothing in it, the file's name included, has control characters.
public sealed class FormatException extends RuntimeException permits WriteException {
  /// With a message for people.
  public FormatException(String message) {
    super(Quote.line(message));
  }

  /// With a message for people and what it was made of.
  public FormatException(String message, Throwable cause) {
    super(Quote.line(message), cause);
  }
}
