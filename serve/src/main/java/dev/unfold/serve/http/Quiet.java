package dev.unfold.serve.http;

import java.util.logging.Level;
import java.util.logging.Logger;

/// Keeps libraries from writing to the console.
final class Quiet {
  /// Held, since a logger that nobody holds forgets its level.
  private static final Logger HELIDON = Logger.getLogger("io.helidon");

  private Quiet() {}

  static void libraries() {
    HELIDON.setLevel(Level.SEVERE);
  }
}
