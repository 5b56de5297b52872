package dev.unfold.run.learn;

import dev.unfold.head.Reduction;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.online.KeptInfluence;
import dev.unfold.online.OnlineGradient;
import dev.unfold.sequence.Batch;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Arrays;
import java.util.Optional;

/// Runs a network over segments of sessions, each from where its session is.
///
/// **Threads**: one caller at a time.
interface SegmentReader {
  /// Reads a segment.
  ///
  /// @param from where its session is
  /// @param gradients to which those of the mean loss are added; none for who does not learn
  /// @return what came
  Outcome read(Batch segment, Held from, Optional<Parameters> gradients);

  /// Where a session is before its first segment.
  Held zero();

  /// Where a session is.
  ///
  /// @param state after the last segment
  /// @param influence how the parameters have moved it, if that is carried on
  record Held(State state, Optional<KeptInfluence> influence) {}

  /// What a segment came to.
  ///
  /// @param losses those of its steps; 0 where nothing is known
  /// @param next where the session is now
  record Outcome(double[] losses, Held next) {
    double sum() {
      return Arrays.stream(losses).sum();
    }
  }

  /// By back-propagation through the segment, or without gradients.
  static SegmentReader back(Network network, int steps, Team team) {
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, steps, 1);
    return new SegmentReader() {
      @Override
      public Outcome read(Batch segment, Held from, Optional<Parameters> gradients) {
        unrolled.start(from.state());
        boolean isLearned = gradients.isPresent() && amount(network, segment) > 0;
        if (isLearned) {
          double[] counts = Reduction.MEAN.weights(segment.amounts(network.spec().head()));
          unrolled.gradient(segment, counts, gradients.get(), null);
        } else {
          unrolled.evaluate(segment, Reduction.SUM);
        }
        return new Outcome(
            Arrays.copyOf(unrolled.losses(), segment.steps()),
            new Held(unrolled.finalState(), Optional.empty()));
      }

      @Override
      public Held zero() {
        return new Held(network.zeroState(1), Optional.empty());
      }
    };
  }

  /// By an online rule, whose influence goes on with the session.
  static SegmentReader online(Network network, OnlineGradient online) {
    Parameters unused = network.parameters().zeros();
    return new SegmentReader() {
      @Override
      public Outcome read(Batch segment, Held from, Optional<Parameters> gradients) {
        if (from.influence().isPresent()) {
          online.start(from.state(), from.influence().get());
        } else {
          online.start(from.state());
        }
        double amount = amount(network, segment);
        double[] losses = new double[segment.steps()];
        for (int t = 0; t < losses.length; t++) {
          Batch step = segment.part(t, t + 1);
          double share = amount > 0 ? 1 / amount : 0;
          online.step(step, new double[] {share}, gradients.orElse(unused));
          losses[t] = online.losses()[0];
        }
        return new Outcome(losses, new Held(online.state(), Optional.of(online.kept())));
      }

      @Override
      public Held zero() {
        return new Held(network.zeroState(1), Optional.empty());
      }
    };
  }

  private static double amount(Network network, Batch segment) {
    return segment.amount(network.spec().head());
  }
}
