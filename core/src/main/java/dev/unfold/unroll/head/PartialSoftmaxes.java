package dev.unfold.unroll.head;

import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Targets;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.HeadGradients;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkHead;
import dev.unfold.model.ReadoutWeights;
import dev.unfold.unroll.rows.PackedRows;
import dev.unfold.unroll.rows.Sequences;

/// The ways to a softmax that need some classes or rows at a time, and which of them a loss is computed by.
final class PartialSoftmaxes {
  private final Network network;
  private final NetworkHead head;
  private final ReadoutWeights weights;
  private final Team team;
  private final Sequences below;
  private final PackedRows packedRows;
  private final double[] losses;

  /// Null until there are targets for them.
  private SampledSoftmax sampled;

  private FactoredSoftmax factored;
  private BlockedSoftmax blocked;

  /// @param losses where they go
  PartialSoftmaxes(
      Network network,
      NetworkHead head,
      ReadoutWeights weights,
      Team team,
      Sequences below,
      PackedRows packedRows,
      double[] losses) {
    this.network = network;
    this.head = head;
    this.weights = weights;
    this.team = team;
    this.below = below;
    this.packedRows = packedRows;
    this.losses = losses;
  }

  /// Whether one of them computes the loss with `targets`.
  boolean take(Targets targets, Aim aim) {
    return targets.plain() instanceof Targets.Sampled || isFactored() || isBlocked(targets, aim);
  }

  /// Computes the losses if one of them does.
  ///
  /// @param targets without weights
  /// @param to where derivatives go; null if none are wanted
  /// @return that one, or null
  PartialSoftmax loss(Targets targets, Losses taken, Aim aim, HeadGradients to) {
    if (isBlocked(targets, aim)) {
      if (blocked == null) {
        blocked =
            new BlockedSoftmax(network.kernels(), head, weights, team, below, packedRows, losses);
      }
      blocked.loss(targets, taken, to);
      return blocked;
    }
    if (isFactored()) {
      factored().loss(taken);
      return factored;
    }
    if (targets instanceof Targets.Sampled sample) {
      if (sampled == null) {
        sampled = new SampledSoftmax(network, head, team, below, packedRows, losses);
      }
      sampled.loss(sample, taken);
      return sampled;
    }
    return null;
  }

  private boolean isBlocked(Targets targets, Aim aim) {
    boolean isWorth = BlockedSoftmax.isWorth(head.head(), losses.length);
    return isWorth && !(aim instanceof Aim.Outputs) && BlockedSoftmax.takes(targets.plain());
  }

  boolean isFactored() {
    return head.head() instanceof FactoredClasses;
  }

  FactoredSoftmax factored() {
    if (factored == null) {
      factored = new FactoredSoftmax(network, head, team, below, packedRows, losses);
    }
    return factored;
  }
}
