package dev.unfold.serve.session;

import java.security.SecureRandom;
import java.util.HexFormat;

/// Draws names for sessions that nobody can guess: whoever knows the name of a session can read it and go on with it.
///
/// The one place of all whose randomness has no seed: with one, who knows it would know all names.
final class SessionIds {
  /// Of which a name has two digits each: 128 bits.
  private static final int BYTES = 16;

  private static final SecureRandom RANDOM = new SecureRandom();

  private SessionIds() {}

  static String draw() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
