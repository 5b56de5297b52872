package dev.unfold.infer;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.sequence.Inputs;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;

/// Draws tokens from a network one after the other, each given all before it.
///
/// With temperature A the probabilities are softmax(net_y / A): below 1 the likely tokens become likelier, and
/// 0 always takes the likeliest. Top-k leaves only the k likeliest to choose from, and those that are as likely
/// as the k-th. The same seed gives the same tokens.
///
/// To go on elsewhere with the same tokens, draw one without reading it, and let the other sampler read it:
///
///     int token = here.draw();
///     Sampler there = new Sampler(network, temperature, topK, here.seed(), here.state());
///     there.read(token);
///
/// **Memory**: all of it is allocated when a sampler is made; drawing and reading allocate nothing.
///
/// **Threads**: one at a time.
public final class Sampler {
  /// What a [SplittableRandom] of a seed adds to it for each number.
  private static final long STEP = 0x9e3779b97f4a7c15L;

  private final Stepper stepper;
  private final int[] token = new int[1];
  private final Inputs input = new Inputs.Tokens(token, 0);
  private final double temperature;
  private final int topK;
  private final SplittableRandom random;
  private final double[] scores;
  private final double[] sums;
  private final double[] sorted;
  private long seed;
  private final boolean[] excluded;

  /// After the last token; null before the first.
  private Matrix logits;

  /// @param network reads and predicts tokens of one vocabulary
  /// @param temperature 0 or more
  /// @param topK 1 or more; K or more leaves all tokens
  /// @param seed of the random numbers
  public Sampler(Network network, double temperature, int topK, long seed) {
    Objects.requireNonNull(network, "network: expected one, got null");
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new Refusal("temperature", "0 or more", temperature);
    }
    if (topK < 1) {
      throw new Refusal("top-k", "1 or more", topK);
    }
    int classes = network.spec().outputs();
    boolean readsWhatItPredicts =
        network.spec().encoder() instanceof Encoder.Embedding tokens
            && tokens.vocabulary() == classes;
    if (!readsWhatItPredicts) {
      throw new Refusal(
          "network",
          "one that reads tokens of V=K=%d".formatted(classes),
          network.spec().encoder());
    }
    stepper = new Runner(network).stepper(1, 1);
    this.temperature = temperature;
    this.topK = topK;
    this.seed = seed;
    random = new SplittableRandom(seed);
    scores = new double[classes];
    excluded = new boolean[classes];
    sums = new double[classes];
    sorted = new double[classes];
  }

  /// As above, for what follows on what `state` has seen.
  ///
  /// @param state that of one sequence, a copy of which is taken
  public Sampler(Network network, double temperature, int topK, long seed, State state) {
    this(network, temperature, topK, seed);
    stepper.start(state);
  }

  /// Never draws `token` from now on: one that only stands in for others, say, as `Vocabulary.standIn` of the module
  /// `data` tells.
  public void exclude(int token) {
    expectToken(token);
    excluded[token] = true;
  }

  /// Reads `token`.
  public void read(int token) {
    expectToken(token);
    this.token[0] = token;
    logits = stepper.run(input);
  }

  private void expectToken(int token) {
    if (token < 0 || token >= scores.length) {
      throw new Refusal("token", "0 to V-1=" + (scores.length - 1), token);
    }
  }

  /// Forgets all that was read. What is drawn goes on: the seed is not set back.
  public void restart() {
    stepper.startFromZero();
    logits = null;
  }

  /// Draws the next token and reads it.
  ///
  /// **Errors**: as [#draw].
  public int next() {
    int next = draw();
    read(next);
    return next;
  }

  /// Draws a token to come next, without reading it.
  ///
  /// **Errors**: [IllegalStateException] if nothing was read yet; [ArithmeticException] if the network's
  /// parameters are so large that its logits are not finite.
  public int draw() {
    if (logits == null) {
      throw new IllegalStateException(
          "token: expected one to be read first, since a state alone does not tell what comes next,"
              + " got none");
    }
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < scores.length; k++) {
      scores[k] = excluded[k] ? Double.NEGATIVE_INFINITY : logits.get(0, k);
      largest = Math.max(largest, scores[k]);
    }
    double threshold = threshold();
    double sum = 0;
    for (int k = 0; k < scores.length; k++) {
      boolean stays = scores[k] >= threshold;
      sum += stays ? weight(scores[k] - largest) : 0;
      sums[k] = sum;
    }
    double point = random.nextDouble() * sum;
    seed += STEP;
    for (int k = 0; k < sums.length; k++) {
      if (point < sums[k]) {
        return k;
      }
    }
    throw new ArithmeticException("logits: expected finite numbers, got a sum of " + sum);
  }

  /// The state after all tokens that were read.
  public State state() {
    return stepper.state();
  }

  /// The seed of a sampler that would draw what this one would draw next.
  public long seed() {
    return seed;
  }

  private double weight(double belowLargest) {
    if (temperature == 0) {
      return belowLargest == 0 ? 1 : 0;
    }
    return StrictMath.exp(belowLargest / temperature);
  }

  /// The k-th largest score.
  private double threshold() {
    if (topK >= scores.length) {
      return Double.NEGATIVE_INFINITY;
    }
    System.arraycopy(scores, 0, sorted, 0, scores.length);
    Arrays.sort(sorted);
    return sorted[sorted.length - topK];
  }
}
