package dev.unfold.spark;

import java.io.Serializable;

/// What comes of a training.
///
/// @param file of the model; empty if it was refused
/// @param refusal why it was; empty if it was not
record Outcome(byte[] file, String refusal) implements Serializable {
  static Outcome of(byte[] file) {
    return new Outcome(file, "");
  }

  static Outcome refused(String reason) {
    return new Outcome(new byte[0], reason);
  }

  /// The file.
  ///
  /// **Errors**: [IllegalArgumentException] if it was refused.
  byte[] model() {
    if (!refusal.isEmpty()) {
      throw new IllegalArgumentException(refusal);
    }
    return file;
  }
}
