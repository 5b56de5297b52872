package dev.unfold.data.source;

import java.nio.file.Path;

/// A file that tokens came from, as evidence of what a network was trained on.
///
/// @param name the path as it was given
/// @param bytes how many bytes were read
/// @param sha256 the SHA-256 digest of these bytes in lower-case hexadecimal, as `sha256sum` prints it
public record Source(String name, long bytes, String sha256) {
  /// A file as it is now.
  ///
  /// **Errors**: [DataException] if it is missing or not readable.
  public static Source of(Path file) {
    return FileReader.digest(file);
  }
}
