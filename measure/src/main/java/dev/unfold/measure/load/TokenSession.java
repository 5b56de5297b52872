package dev.unfold.measure.load;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.SplittableRandom;

/// A session of a model of texts, with tokens of its own: those of a seed.
public final class TokenSession {
  private final String path;
  private final long seed;
  private final int vocabulary;
  private SplittableRandom random;
  private int token;
  private long step;
  private byte[] answer;

  TokenSession(String id, long seed, int vocabulary) {
    path = "/v1/sessions/" + id + "/step";
    this.seed = seed;
    this.vocabulary = vocabulary;
    random = new SplittableRandom(seed);
    token = random.nextInt(vocabulary);
  }

  String path() {
    return path;
  }

  byte[] request() {
    return "{\"tokens\":[%d],\"expect_step\":%d}"
        .formatted(token, step)
        .getBytes(StandardCharsets.US_ASCII);
  }

  void advance(byte[] said) {
    step++;
    token = random.nextInt(vocabulary);
    answer = said;
  }

  /// All tokens that it read.
  public int[] read() {
    random = new SplittableRandom(seed);
    int[] all = new int[Math.toIntExact(step)];
    for (int i = 0; i < all.length; i++) {
      all[i] = random.nextInt(vocabulary);
    }
    token = random.nextInt(vocabulary);
    return all;
  }

  /// Its name.
  @Override
  public String toString() {
    return path;
  }

  /// What the server said last, if that was kept.
  public Optional<byte[]> answer() {
    return Optional.ofNullable(answer);
  }
}
