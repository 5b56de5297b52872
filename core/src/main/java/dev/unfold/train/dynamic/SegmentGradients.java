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

  /// Whether it is said where the next segment starts.
  private boolean isPlaced = true;

  SegmentGradients(Network network, int steps, Team team) {
    this.network = network;
    unrolled = UnrolledNetwork.of(network, team, steps, 1);
    gradients = network.parameters().zeros();
    tokens = TokenRows.of(network.spec());
  }

  /// Refuses networks that cannot learn from segments.
  static void check(Network network, int steps, Team team) {
    Expect.given("network", network);
    Expect.given("team", team);
    Expect.positive("segment", "T", steps);
    if (network.spec().directions() > 1 || !network.spec().head().isOfSteps()) {
      throw new Refusal(
          "network",
          "layers of one direction and outputs at each step, to go on from a state",
          "both directions, or a head of " + network.spec().head().text());
    }
    WeightFormat format = network.weightFormat();
    if (format != WeightFormat.FLOAT32) {
      throw new Refusal("weights", "32 bits to learn", format.text());
    }
  }

  /// Those of the last segment.
  Parameters gradients() {
    return gradients;
  }

  void startFromZero() {
    unrolled.startFromZero();
    isPlaced = true;
  }

  void start(State state) {
    unrolled.start(state);
    isPlaced = true;
  }

  /// After the last segment.
  State state() {
    return unrolled.finalState();
  }

  /// Makes [#gradients] those of `segment`.
  ///
  /// @return the sum of its losses
  double read(Batch segment) {
    if (!isPlaced) {
      unrolled.startAfter(unrolled);
    }
    isPlaced = false;
    double[] weights = Reduction.MEAN.weights(segment.amounts(network.spec().head()));
    clear(segment);
    unrolled.gradient(segment, weights, gradients, null);
    return Arrays.stream(unrolled.losses()).sum();
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
