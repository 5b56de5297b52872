package dev.unfold.online;

import java.util.SplittableRandom;

/// Random signs, the same whenever they are asked for: a rule that needs them keeps nothing but how many steps it has
/// done.
@FunctionalInterface
public interface Signs {
  /// Whether number `index` of sequence `b` at step `step` is 1, and not -1.
  boolean isPositive(long step, int b, int index);

  /// Those of a seed.
  static Signs random(long seed) {
    return (step, b, index) -> {
      long mixed = seed * 0x9E3779B97F4A7C15L + step;
      mixed = mixed * 0xBF58476D1CE4E5B9L + b;
      mixed = mixed * 0x94D049BB133111EBL + index;
      return new SplittableRandom(mixed).nextLong() < 0;
    };
  }

  /// 1 or -1.
  default int sign(long step, int b, int index) {
    return isPositive(step, b, index) ? 1 : -1;
  }
}
