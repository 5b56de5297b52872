package dev.unfold.kernels.vector;

/// Finds out by time whether [Math#fma] is an instruction, on any JVM and before anything is compiled: interpreters
/// have the instruction, too. A call takes about as long as a product and a sum then (1.1 to 1.3 times as long was
/// measured), else a thousand times as long, since it is computed with big decimals.
final class MultiplyAddProbe {
  /// In the middle between the two, on a scale of ratios.
  private static final int MOST = 30;

  /// Of so many tries the shortest counts: what disturbs one of them does not disturb them all.
  private static final int TRIES = 10;

  /// Too few in all to have the loops compiled while they are compared.
  private static final int ROUNDS = 16;

  /// What cannot be told from nothing by a coarse clock, in nanoseconds.
  private static final long LEAST = 50;

  private MultiplyAddProbe() {}

  static boolean isFast() {
    long fused = Long.MAX_VALUE;
    long apart = Long.MAX_VALUE;
    float results = 0;
    for (int i = 0; i < TRIES; i++) {
      long start = System.nanoTime();
      results += fused(0.7f);
      long middle = System.nanoTime();
      results += apart(0.7f);
      fused = Math.min(fused, middle - start);
      apart = Math.min(apart, System.nanoTime() - middle);
    }
    // The results are numbers, and using them keeps the loops alive.
    return !Float.isNaN(results) && fused <= MOST * Math.max(LEAST, apart);
  }

  private static float fused(float factor) {
    float sum = 1.1f;
    for (int i = 0; i < ROUNDS; i++) {
      sum = Math.fma(sum, factor, 0.3f);
    }
    return sum;
  }

  private static float apart(float factor) {
    float sum = 1.1f;
    for (int i = 0; i < ROUNDS; i++) {
      sum = sum * factor + 0.3f;
    }
    return sum;
  }
}
