package dev.unfold.serve.http;

import java.util.logging.Level;
import java.util.logging.Logger;

/// Keeps libraries from writing to the console.
final class Quiet {
  /// Held, since a logger that nobody holds forgets its level.
  private static final Logger HELIDON = Logger.getLogger("io.helidon");

  /// Tells that a port is taken, with the whole stack, to the log alone; we ask it.
  private static final Logger START = Logger.getLogger("io.helidon.webserver.LoomServer");

  private Quiet() {}

  static void libraries() {
    HELIDON.setLevel(Level.SEVERE);
    START.setLevel(Level.OFF);
  }
}
