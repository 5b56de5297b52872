package dev.unfold.train;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.UnrolledNetwork;

/// How well a network does: the sum of losses and their number.
///
/// A text ([#of]) is read as up to [#STREAMS] streams side by side. Each but the first begins [#WARM_UP] tokens
/// before its own part, from a state of zeros, and these do not count: so every token but the first of the
/// text counts once, and with a context of at least [#WARM_UP] tokens where there are as many before it.
///
/// @param sum of the losses: of a text -ln p(token) of each counted token, in nats
/// @param count how many losses
public record Evaluation(double sum, long count) {
  /// The most streams side by side.
  public static final int STREAMS = 32;

  /// Steps by which a stream gets into its text before it counts.
  public static final int WARM_UP = 64;

  private static final int WINDOW = 32;

  /// Evaluates `network`, which reads and predicts tokens, on `tokens`.
  ///
  /// **Errors**: [IllegalArgumentException] if there are fewer than 2 tokens.
  public static Evaluation of(Network network, int[] tokens, Team team) {
    Expect.given("network", network);
    Expect.given("team", team);
    int predictions = Expect.given("tokens", tokens).length - 1;
    if (predictions < 1) {
      throw new Refusal("text", "2 tokens or more", tokens.length);
    }
    int streams = streams(tokens.length);
    int warmUp = warmUp(streams);
    int part = part(tokens.length);
    int steps = part + warmUp;
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, steps(tokens.length), streams);
    int[] inputs = new int[unrolled.steps() * streams];
    int[] targets = new int[inputs.length];
    Batch batch =
        Batch.of(
            unrolled.steps(),
            streams,
            new Inputs.Tokens(inputs, 0),
            new Targets.Classes(targets, 0));
    double nats = 0;
    long counted = 0;
    unrolled.startFromZero();
    for (int from = 0; from < steps; from += unrolled.steps()) {
      for (int i = 0; i < inputs.length; i++) {
        int place = i % streams * part + from + i / streams;
        inputs[i] = tokens[Math.min(place, predictions - 1)];
        targets[i] = tokens[Math.min(place, predictions - 1) + 1];
      }
      unrolled.evaluate(batch, Reduction.SUM);
      for (int i = 0; i < inputs.length; i++) {
        int step = from + i / streams;
        int stream = i % streams;
        boolean counts =
            step < steps && stream * part + step < predictions && (stream == 0 || step >= warmUp);
        if (counts) {
          nats += unrolled.losses()[i];
          counted++;
        }
      }
      unrolled.startAfter(unrolled);
    }
    return new Evaluation(nats, counted);
  }

  /// How many streams a text of `tokens` tokens is read in.
  static int streams(int tokens) {
    return Math.clamp((tokens - 1) / (4L * WARM_UP), 1, STREAMS);
  }

  private static int warmUp(int streams) {
    return streams == 1 ? 0 : WARM_UP;
  }

  /// How many of a stream's tokens count.
  private static int part(int tokens) {
    int streams = streams(tokens);
    return Math.ceilDiv(tokens - 1 - warmUp(streams), streams);
  }

  /// How many steps are computed at a time.
  static int steps(int tokens) {
    return Math.min(WINDOW, part(tokens) + warmUp(streams(tokens)));
  }

  /// The average loss; of a text in nats per token.
  public double mean() {
    return sum / count;
  }

  /// The average loss in bits.
  public double bitsPerToken() {
    return mean() / Math.log(2);
  }

  /// exp of the average loss in nats: among how many equally likely tokens the network is undecided.
  public double perplexity() {
    return Math.exp(mean());
  }
}
