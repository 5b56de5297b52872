package dev.unfold.formats.safetensors;

/// A file that could not be written: the disk is full, a folder is gone, permission is missing. What was there before
/// still is.
///
/// It is no sign of something wrong in what was asked for, as any other [FormatException] is: the same may succeed
/// later.
public final class WriteException extends FormatException {
  private static final long serialVersionUID = 1;

  /// With a message for people.
  WriteException(String message) {
    super(message);
  }

  /// With a message for people and what it was made of.
  WriteException(String message, Throwable cause) {
    super(message, cause);
  }
}
