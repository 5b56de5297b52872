package dev.unfold.serve.http;

import java.security.SecureRandom;
import java.util.HexFormat;

/// Draws names that nobody can guess: whoever knows the name of a session can read it and go on with it.
///
/// The one place of all whose randomness has no seed: with one, who knows it would know all names.
public final class RandomName {
  /// Of which a name has two digits each: 128 bits.
  private static final int BYTES = 16;

  /// What every reader of JSON holds exactly has as many bits.
  private static final int SEED_BITS = 53;

  private static final SecureRandom RANDOM = new SecureRandom();

  private RandomName() {}

  /// 32 hexadecimal digits.
  public static String draw() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /// A seed for who brought none, and is told of it: 0 or more.
  public static long seed() {
    return RANDOM.nextLong() >>> (Long.SIZE - SEED_BITS);
  }
}
