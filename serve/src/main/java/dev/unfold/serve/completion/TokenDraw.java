package dev.unfold.serve.completion;

import dev.unfold.infer.Sampler;
import dev.unfold.kernels.storage.Matrix;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/// Draws tokens from what a network says, as a [Sampler] does, which draws the same from the same seed: from
/// softmax(net_y / A), from the k likeliest and those as likely as the k-th, and from those likeliest ones that
/// together have the probability p.
///
/// **Threads**: one at a time.
///
/// **Source**: A. Holtzman, J. Buys, L. Du, M. Forbes, Y. Choi, The curious case of neural text degeneration, ICLR 2020
/// (top-p)
final class TokenDraw {
  private final DrawOptions options;
  private final SplittableRandom random;
  private final int excluded;
  private final double[] weights;
  private final double[] sorted;

  /// @param classes K
  /// @param excluded what is never drawn
  TokenDraw(DrawOptions options, int classes, OptionalInt excluded) {
    this.options = options;
    this.excluded = excluded.orElse(-1);
    random = new SplittableRandom(options.seed());
    weights = new double[classes];
    sorted = new double[classes];
  }

  /// A token by the last row of net_y.
  ///
  /// **Errors**: [ArithmeticException] if no number of it is finite.
  int next(Matrix net) {
    int row = net.rows() - 1;
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < weights.length; k++) {
      weights[k] = k == excluded ? Double.NEGATIVE_INFINITY : net.get(row, k);
      largest = Math.max(largest, weights[k]);
    }
    double threshold = threshold();
    for (int k = 0; k < weights.length; k++) {
      weights[k] = weights[k] >= threshold ? weight(weights[k] - largest) : 0;
    }
    if (options.topP() < 1) {
      cut();
    }
    double sum = 0;
    for (double weight : weights) {
      sum += weight;
    }
    double point = random.nextDouble() * sum;
    double below = 0;
    for (int k = 0; k < weights.length; k++) {
      below += weights[k];
      if (point < below) {
        return k;
      }
    }
    throw new ArithmeticException("logits: expected finite numbers, got a sum of " + sum);
  }

  private double weight(double belowLargest) {
    if (options.temperature() == 0) {
      return belowLargest == 0 ? 1 : 0;
    }
    return StrictMath.exp(belowLargest / options.temperature());
  }

  /// The k-th largest score.
  private double threshold() {
    if (options.topK() >= weights.length) {
      return Double.NEGATIVE_INFINITY;
    }
    sort();
    return sorted[sorted.length - (int) options.topK()];
  }

  private void sort() {
    System.arraycopy(weights, 0, sorted, 0, weights.length);
    Arrays.sort(sorted);
  }

  /// Leaves out all less likely than the last one that is needed for p.
  private void cut() {
    sort();
    double all = 0;
    for (double weight : sorted) {
      all += weight;
    }
    double sum = 0;
    int last = sorted.length;
    while (last > 0 && sum < options.topP() * all) {
      last--;
      sum += sorted[last];
    }
    double least = last < sorted.length ? sorted[last] : 0;
    for (int k = 0; k < weights.length; k++) {
      weights[k] = weights[k] >= least ? weights[k] : 0;
    }
  }
}
