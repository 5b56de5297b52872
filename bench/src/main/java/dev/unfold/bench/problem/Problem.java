package dev.unfold.bench.problem;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// The numbers that every peer gets: drawn from a seed, so that each process draws the same.
///
/// Weights and their gates are in PyTorch's layout, sequences are time-major.
///
/// @param shape the sizes
/// @param weightIh `[G*H, I]`
/// @param weightHh `[G*H, H]`
/// @param biasIh `[G*H]`
/// @param biasHh `[G*H]`
/// @param input `[T, B, I]`
/// @param initialStates h and, for an LSTM, c, each `[B, H]`
/// @param outputGradient the derivative of the loss with respect to the output, `[T, B, H]`
public record Problem(
    Shape shape,
    float[] weightIh,
    float[] weightHh,
    float[] biasIh,
    float[] biasHh,
    float[] input,
    List<float[]> initialStates,
    float[] outputGradient) {

  /// Weights and biases as PyTorch initialises them, uniform within 1 / sqrt(H); everything else uniform
  /// within 1.
  public static Problem of(Shape shape, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double bound = 1 / Math.sqrt(shape.width());
    int sequence = Math.multiplyExact(shape.rows(), shape.width());
    int weights = Math.multiplyExact(shape.gateRows(), shape.width());
    float[] weightIh = uniform(random, weights, bound);
    float[] weightHh = uniform(random, weights, bound);
    float[] biasIh = uniform(random, shape.gateRows(), bound);
    float[] biasHh = uniform(random, shape.gateRows(), bound);
    float[] input = uniform(random, sequence, 1);
    List<float[]> states = new ArrayList<>();
    for (int i = 0; i < shape.cell().states(); i++) {
      float[] drawn = uniform(random, shape.batch() * shape.width(), 1);
      states.add(shape.start() == Start.RANDOM ? drawn : new float[drawn.length]);
    }
    return new Problem(
        shape, weightIh, weightHh, biasIh, biasHh, input, states, uniform(random, sequence, 1));
  }

  static float[] uniform(SplittableRandom random, int count, double bound) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return values;
  }
}
