package dev.unfold.net;

import dev.unfold.kernels.Team;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Draws tokens from a network one after the other, each given all before it.
///
/// With temperature A the probabilities are softmax(net_y / A): below 1 the likely tokens become likelier, and
/// 0 always takes the likeliest. Top-k leaves only the k likeliest to choose from, and those that are as likely
/// as the k-th. The same seed gives the same tokens.
///
/// **Threads**: one at a time.
public final class Sampler {
  private static final int NONE = -1;

  private final UnrolledNetwork step;
  private final double temperature;
  private final int topK;
  private final SplittableRandom random;
  private int excluded = NONE;
  private boolean started;

  /// @param network reads and predicts tokens of one vocabulary
  /// @param temperature 0 or more
  /// @param topK 1 or more; K or more leaves all tokens
  /// @param seed of the random numbers
  public Sampler(Network network, double temperature, int topK, long seed) {
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException("temperature: expected 0 or more, got " + temperature);
    }
    if (topK < 1) {
      throw new IllegalArgumentException("top-k: expected 1 or more, got " + topK);
    }
    step = network.unroll(Team.of(1), 1, 1);
    this.temperature = temperature;
    this.topK = topK;
    random = new SplittableRandom(seed);
  }

  /// Never draws `token` from now on: one that only stands in for others, say, as `Vocabulary.standIn` of the module
  /// `data` tells.
  public void exclude(int token) {
    if (token < 0 || token >= step.logits().cols()) {
      throw new IllegalArgumentException(
          "token: expected 0 to V-1=" + (step.logits().cols() - 1) + ", got " + token);
    }
    excluded = token;
  }

  /// Reads `token`.
  public void read(int token) {
    if (started) {
      step.startAfter(step);
    }
    step.forward(new int[] {token}, 0);
    started = true;
  }

  /// Draws the next token and reads it.
  ///
  /// **Errors**: [IllegalStateException] if nothing was read yet; [ArithmeticException] if the network's
  /// parameters are so large that its logits are not finite.
  public int next() {
    if (!started) {
      throw new IllegalStateException("expected a token to be read first, got none");
    }
    int token = draw();
    read(token);
    return token;
  }

  private int draw() {
    double[] scores = new double[step.logits().cols()];
    for (int k = 0; k < scores.length; k++) {
      scores[k] = k == excluded ? Double.NEGATIVE_INFINITY : step.logits().get(0, k);
    }
    double largest = Arrays.stream(scores).max().orElseThrow();
    double threshold = threshold(scores);
    double[] sums = new double[scores.length];
    double sum = 0;
    for (int k = 0; k < scores.length; k++) {
      boolean stays = scores[k] >= threshold;
      sum += stays ? weight(scores[k] - largest) : 0;
      sums[k] = sum;
    }
    double point = random.nextDouble() * sum;
    for (int k = 0; k < sums.length; k++) {
      if (point < sums[k]) {
        return k;
      }
    }
    throw new ArithmeticException("logits: expected finite numbers, got a sum of " + sum);
  }

  private double weight(double belowLargest) {
    if (temperature == 0) {
      return belowLargest == 0 ? 1 : 0;
    }
    return StrictMath.exp(belowLargest / temperature);
  }

  /// The k-th largest score.
  private double threshold(double[] scores) {
    if (topK >= scores.length) {
      return Double.NEGATIVE_INFINITY;
    }
    double[] sorted = scores.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length - topK];
  }
}
