package dev.unfold.train.dynamic;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.sequence.Batch;
import dev.unfold.train.Evaluation;
import java.util.List;

/// Dynamic evaluation: a network is evaluated on a stream in segments of n steps, and learns from each before it reads
/// the next. Loss and gradient of a segment are those of the parameters before it, so nothing is predicted by who has
/// seen it:
///
///     E_s      = mean loss of segment s, from the state after segment s - 1
///     g        = dE_s/dtheta, followed back to the first step of the segment
///     theta   <- theta + what the rule makes of g and of theta0 - theta
///
///     DynamicRule rule = new DynamicRule.Sgd(0.02, 0);
///     DynamicEvaluation dynamic = new DynamicEvaluation(network, rule, Learned.ALL, 20, team);
///     double nats = dynamic.evaluate(List.of(tokens)).mean();
///
/// It works on a copy: the network that is given is not changed, and its parameters are theta0, to which [#restart]
/// goes back. Random masks have no part in it.
///
/// **Memory**: three times the parameters, and a network unrolled over n steps.
///
/// **Threads**: one caller at a time; the result is the same for any team, bit for bit.
///
/// **Source**: B. Krause, E. Kahembwe, I. Murray, S. Renals, Dynamic evaluation of neural sequence models, 2018.
public final class DynamicEvaluation {
  private final Network network;
  private final Parameters start;
  private final int steps;
  private final SegmentGradients source;
  private final DynamicUpdate update;

  /// @param network what is evaluated; a copy is taken
  /// @param rule how parameters change
  /// @param learned which parameters change
  /// @param segment n, steps of a segment
  /// @param team the threads
  ///     <br>**Errors**: [IllegalArgumentException] for a network that cannot go on from a state, or whose weights have
  ///     16 bits; for a scale of another network; for a readout alone that is the embedding
  public DynamicEvaluation(
      Network network, DynamicRule rule, Learned learned, int segment, Team team) {
    SegmentGradients.check(network, segment, team);
    Expect.given("rule", rule);
    Expect.given("learned", learned);
    start = network.parameters().copy();
    this.network = Network.zeros(network.spec(), network.kernels());
    this.network.parameters().set(start);
    steps = segment;
    source = new SegmentGradients(this.network, segment, team);
    update = new DynamicUpdate(rule, learned, this.network, source.gradients(), start, team);
  }

  /// The copy that learns, with its parameters as they are now. After further segments it is to be asked for again.
  public Network network() {
    update.settle();
    return network;
  }

  /// Forgets what was learned: theta0, and a state of zeros.
  public void restart() {
    network.parameters().set(start);
    update.restart();
    source.startFromZero();
  }

  /// Lets the next segment start from a state of zeros, with the parameters as they are.
  public void startFromZero() {
    source.startFromZero();
  }

  /// Lets the next segment start from `state`, of one sequence.
  ///
  /// **Errors**: [IllegalArgumentException] if it has other sizes, or a number that is not finite.
  public void start(State state) {
    source.start(state);
  }

  /// A copy of the state after the last segment.
  public State state() {
    return source.state();
  }

  /// Reads the next segment, one sequence of up to n steps, and learns from it.
  ///
  /// @return the sum of its losses, before that
  public double segment(Batch segment) {
    update.settle(Expect.given("segment", segment));
    double sum = source.read(segment);
    update.step(segment);
    return sum;
  }

  /// Evaluates a network that reads and predicts tokens: from theta0 on, each sequence from a state of zeros, with what
  /// was learned from those before. All tokens but the first of each sequence count.
  ///
  /// **Errors**: [IllegalArgumentException] if there are none.
  public Evaluation evaluate(List<int[]> sequences) {
    return evaluate(sequences, Double.MAX_VALUE);
  }

  /// The same, until the sum of losses is above `most` or is no number.
  Evaluation evaluate(List<int[]> sequences, double most) {
    expectTokens(network);
    Segments.Source source = source();
    source.restart();
    return Segments.read(sequences, steps, most, source);
  }

  /// It, as what reads segments.
  Segments.Source source() {
    return new Segments.Source() {
      @Override
      public void restart() {
        DynamicEvaluation.this.restart();
      }

      @Override
      public void begin() {
        startFromZero();
      }

      @Override
      public double read(Batch next) {
        return segment(next);
      }

      @Override
      public double[] losses() {
        return source.losses();
      }

      @Override
      public Matrix outputs() {
        return source.outputs();
      }
    };
  }

  /// n
  int segmentSteps() {
    return steps;
  }

  static void expectTokens(Network network) {
    if (!(network.spec().encoder() instanceof Encoder.Embedding)) {
      throw new Refusal("network", "one that reads tokens", network.spec().encoder());
    }
  }

  /// What `network` does on the same segments without learning.
  ///
  /// **Errors**: as above.
  public static Evaluation unchanged(
      Network network, List<int[]> sequences, int segment, Team team) {
    SegmentGradients.checkForwards(network, segment, team);
    expectTokens(network);
    return Segments.read(
        sequences, segment, Double.MAX_VALUE, Segments.unchanged(network, segment, team));
  }
}
