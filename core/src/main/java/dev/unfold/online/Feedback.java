package dev.unfold.online;

import java.util.SplittableRandom;

/// Fixed weights through which a layer learns of the outputs' errors, in the place of the readout's.
@FunctionalInterface
public interface Feedback {
  /// From output `output` to unit `unit`.
  double weight(int unit, int output);

  /// Drawn once from -1/sqrt(K) to 1/sqrt(K) for K outputs.
  static Feedback random(long seed, int outputs) {
    double range = 1 / Math.sqrt(outputs);
    return (unit, output) -> {
      long mixed = (seed * 0x9E3779B97F4A7C15L + unit) * 0xBF58476D1CE4E5B9L + output;
      return range * (2 * new SplittableRandom(mixed).nextDouble() - 1);
    };
  }
}
