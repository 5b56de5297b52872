package dev.unfold.run.ring;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// What two neighbours say to each other first: who they are, with a proof that they know the token. The token itself
/// is not sent.
///
///     magic | version | role | rank | W | HMAC-SHA256(token, all before)
///
/// The one that comes says [#HELLO], the one that lets it in [#WELCOME].
final class Greeting {
  static final int HELLO = 1;
  static final int WELCOME = 2;

  /// `UNFLDRNG`
  private static final long MAGIC = 0x554E464C44524E47L;

  private static final int VERSION = 1;
  private static final int SAID = Long.BYTES + 4 * Integer.BYTES;
  private static final int PROOF = 32;
  static final int BYTES = SAID + PROOF;

  /// Shorter ones could be guessed.
  private static final int LEAST_TOKEN = 16;

  private static final int MOST_TOKEN = 4096;
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec token;
  private final int count;

  /// @param count W
  ///
  /// **Errors**: [IllegalArgumentException] for a token of less than 16 bytes.
  Greeting(int count, byte... token) {
    if (Expect.given("token", token).length < LEAST_TOKEN || token.length > MOST_TOKEN) {
      throw new Refusal("token", "%d to %d bytes".formatted(LEAST_TOKEN, MOST_TOKEN), token.length);
    }
    this.token = new SecretKeySpec(token, ALGORITHM);
    this.count = count;
  }

  /// @param role [#HELLO] or [#WELCOME]
  /// @param rank of who says it
  byte[] of(int role, int rank) {
    byte[] all = new byte[BYTES];
    ByteBuffer said = ByteBuffer.wrap(all);
    said.putLong(MAGIC).putInt(VERSION).putInt(role).putInt(rank).putInt(count);
    said.put(proof(all));
    return all;
  }

  private byte[] proof(byte... said) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(token);
      mac.update(said, 0, SAID);
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  /// Whether `said`, all of it, is what the worker `rank` says in that role. The proof is compared in a time that does
  /// not depend on where it differs.
  boolean isFrom(int role, int rank, byte... said) {
    return MessageDigest.isEqual(said, of(role, rank));
  }
}
