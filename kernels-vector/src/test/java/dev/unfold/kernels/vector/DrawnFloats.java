package dev.unfold.kernels.vector;

import java.util.SplittableRandom;

/// Numbers as tests of kernels draw them.
public final class DrawnFloats {
  private static final float[] SPECIAL = {
    0f,
    -0f,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.MIN_VALUE,
    -3 * Float.MIN_VALUE,
    Float.MIN_NORMAL,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
  };

  private DrawnFloats() {}

  /// Numbers of all sizes, one of `rarity` of them special.
  public static float next(SplittableRandom random, int rarity) {
    if (random.nextInt(rarity) == 0) {
      return SPECIAL[random.nextInt(SPECIAL.length)];
    }
    return (float) Math.scalb(random.nextDouble(-1, 1), random.nextInt(-20, 20));
  }
}
