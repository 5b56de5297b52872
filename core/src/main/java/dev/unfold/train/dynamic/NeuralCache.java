package dev.unfold.train.dynamic;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import java.util.Arrays;

/// A neural cache: what followed when the uppermost layer's output was like it is now, among the last N steps.
///
///     p_cache(w) = sum over those i of the last N steps that w followed of exp(sharpness h(t) . h(i)) / sum over all i
///
/// **Memory**: N (H + 1) numbers.
///
/// **Source**: E. Grave, A. Joulin and N. Usunier, Improving neural language models with a continuous cache, 2017.
final class NeuralCache {
  /// 256 MB.
  private static final int MOST_NUMBERS = 1 << 25;

  private final int size;
  private final int width;

  /// Unit j of the output that is kept at place i, at j*N + i: so all N products with h(t) grow side by side.
  private final double[] outputs;

  private final int[] tokens;
  private final double[] scores;
  private double most;
  private int count;
  private int next;

  /// @param size N
  /// @param width H
  NeuralCache(int size, int width) {
    expectUsable(size, width);
    this.size = size;
    this.width = width;
    outputs = new double[size * width];
    tokens = new int[size];
    scores = new double[size];
  }

  /// Checks N before anything is allocated.
  static void expectUsable(int size, int width) {
    int largest = MOST_NUMBERS / width;
    if (size < 1 || size > largest) {
      throw new Refusal("cache", "N from 1 to " + largest, size);
    }
  }

  /// Whether nothing is kept yet.
  boolean isEmpty() {
    return count == 0;
  }

  /// Looks up what followed outputs like h(t), for [#probability].
  ///
  /// @param output h(t), a row of `all`
  void look(Matrix all, int output) {
    Arrays.fill(scores, 0, count, 0);
    for (int j = 0; j < width; j++) {
      double own = all.get(output, j);
      int from = j * size;
      for (int i = 0; i < count; i++) {
        scores[i] += own * outputs[from + i];
      }
    }
    most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      most = Math.max(most, scores[i]);
    }
  }

  /// p_cache of `token` after what was looked up; 0 if nothing is kept.
  double probability(int token, double sharpness) {
    double all = 0;
    double own = 0;
    for (int i = 0; i < count; i++) {
      double weight = Math.exp(sharpness * (scores[i] - most));
      all += weight;
      own += tokens[i] == token ? weight : 0;
    }
    return all == 0 ? 0 : own / all;
  }

  /// Keeps h(t) and what followed it, in the place of the oldest.
  ///
  /// @param output h(t), a row of `all`
  void add(Matrix all, int output, int token) {
    for (int j = 0; j < width; j++) {
      outputs[j * size + next] = all.get(output, j);
    }
    tokens[next] = token;
    next = (next + 1) % size;
    count = Math.min(count + 1, size);
  }
}
