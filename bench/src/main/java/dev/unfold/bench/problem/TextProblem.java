package dev.unfold.bench.problem;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/// A language model and its text, which every peer gets: drawn from a seed, so that each process draws the same.
///
/// The text is B streams side by side, read in windows of T steps. It is drawn evenly and long enough that no peer gets
/// to know it by heart while it is timed: gradients would vanish, and numbers that small take longer.
///
/// @param shape the sizes
/// @param parameters by PyTorch's names and in its layout, in order: `embedding.weight [V, I]`, the layer's, and
///     `head.weight [V, H]` and `head.bias [V]` of the readout
/// @param tokens the streams one after the other, and one token more
public record TextProblem(Shape shape, Map<String, float[]> parameters, int[] tokens) {
  /// How many windows each stream has.
  public static final int WINDOWS = 64;

  /// The learning rate; all else of Adam is PyTorch's default.
  public static final double RATE = 1e-3;

  /// What the norm of all gradients may be at most.
  public static final double CLIP = 1;

  /// The parameters of the layer, in PyTorch's order.
  private static final String[] LAYER = {
    "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"
  };

  /// Weights and biases as PyTorch initialises them, uniform within 1 / sqrt(H); the embedding uniform within 1.
  public static TextProblem of(Shape shape, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double bound = 1 / Math.sqrt(shape.width());
    int table = Math.multiplyExact(shape.vocabulary(), shape.width());
    int weights = Math.multiplyExact(shape.gateRows(), shape.width());
    Map<String, float[]> parameters = new LinkedHashMap<>();
    parameters.put("embedding.weight", Problem.uniform(random, table, 1));
    for (String name : LAYER) {
      int count = name.startsWith("weight") ? weights : shape.gateRows();
      parameters.put(name, Problem.uniform(random, count, bound));
    }
    parameters.put("head.weight", Problem.uniform(random, table, bound));
    parameters.put("head.bias", Problem.uniform(random, shape.vocabulary(), bound));
    int[] tokens =
        random
            .ints(Math.multiplyExact(WINDOWS, shape.rows()) + 1L, 0, shape.vocabulary())
            .toArray();
    return new TextProblem(shape, parameters, tokens);
  }

  /// What is read in a window, `[T, B]`.
  public long[] inputs(int window) {
    return window(window, 0);
  }

  /// What is to be predicted there, `[T, B]`: the token after each.
  public long[] targets(int window) {
    return window(window, 1);
  }

  private long[] window(int window, int ahead) {
    int steps = shape.steps();
    long[] all = new long[shape.rows()];
    for (int t = 0; t < steps; t++) {
      for (int b = 0; b < shape.batch(); b++) {
        all[t * shape.batch() + b] = tokens[(b * WINDOWS + window) * steps + t + ahead];
      }
    }
    return all;
  }
}
