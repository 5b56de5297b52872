package dev.unfold.run.generated;

import java.util.SplittableRandom;

/// Random numbers for each update.
final class Seeds {
  private Seeds() {}

  /// Those that follow from a seed and an update's number.
  static SplittableRandom of(long seed, long update) {
    return new SplittableRandom(new SplittableRandom(seed).nextLong() + update);
  }
}
