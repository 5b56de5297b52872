package dev.unfold.train.dynamic;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.sequence.Batch;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Arrays;
import java.util.Optional;

/// The gradient of each segment's mean loss, followed back to the segment's first step; the state goes on from segment
/// to segment. There are no random masks: the network is as it is used.
final class SegmentGradients {
  private final Network network;
  private final UnrolledNetwork unrolled;
  private final Parameters gradients;
  private final Optional<TokenRows> tokens;

  /// Rows of the embedding's gradient that are not zero.
  private int[] rows = {};

  /// Where the next segment starts; null for where new sequences do.
  private State start;

  SegmentGradients(Network network, int steps, Team team) {
    this.network = network;
    unrolled = UnrolledNetwork.of(network, team, steps, 1);
    gradients = network.parameters().zeros();
    tokens = TokenRows.of(network.spec());
  }

  /// Refuses networks that cannot learn from segments.
  static void check(Network network, int steps, Team team) {
    checkForwards(network, steps, team);
    WeightFormat format = network.weightFormat();
    if (format != WeightFormat.FLOAT32) {
      throw new Refusal("weights", "32 bits to learn", format.text());
    }
  }

  /// Refuses networks that cannot be run in segments.
  static void checkForwards(Network network, int steps, Team team) {
    Expect.given("network", network);
    Expect.given("team", team);
    Expect.positive("segment", "T", steps);
    if (network.spec().directions() > 1 || !network.spec().head().isOfSteps()) {
      throw new Refusal(
          "network",
          "layers of one direction and outputs at each step, to go on from a state",
          "both directions, or a head of " + network.spec().head().text());
    }
  }

  /// Those of the last segment.
  Parameters gradients() {
    return gradients;
  }

  void startFromZero() {
    start = null;
  }

  void start(State state) {
    unrolled.start(state);
    start = state.copy();
  }

  /// After the last segment, or where the next one starts.
  State state() {
    return start == null ? network.zeroState(1) : start.copy();
  }

  /// Makes [#gradients] those of `segment`. After an error the next one starts where this one would have.
  ///
  /// @return the sum of its losses
  double read(Batch segment) {
    if (start == null) {
      unrolled.startFromZero();
    } else {
      unrolled.start(start);
    }
    double[] weights = Reduction.MEAN.weights(segment.amounts(network.spec().head()));
    clear(segment);
    unrolled.gradient(segment, weights, gradients, null);
    start = unrolled.finalState();
    return Arrays.stream(unrolled.losses()).sum();
  }

  /// E_t of each step of the last segment.
  double[] losses() {
    return unrolled.losses();
  }

  /// The uppermost layer's output at each of its steps.
  Matrix outputs() {
    return unrolled.output(network.spec().layers() - 1);
  }

  private void clear(Batch next) {
    if (tokens.isEmpty()) {
      gradients.buffer().clear();
      return;
    }
    Matrix embedding = gradients.matrix(Network.EMBEDDING);
    long end = embedding.offset() + (long) embedding.rows() * embedding.cols();
    for (int row : rows) {
      gradients.buffer().clear(embedding.rows(row, 1).offset(), embedding.cols());
    }
    gradients.buffer().clear(0, embedding.offset());
    gradients.buffer().clear(end, gradients.buffer().length() - end);
    rows = tokens.get().of(next);
  }
}
