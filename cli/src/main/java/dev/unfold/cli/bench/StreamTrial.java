package dev.unfold.cli.bench;

import dev.unfold.head.Reduction;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.online.OnlineGradient;
import dev.unfold.online.OnlineRule;
import dev.unfold.sequence.Batch;
import dev.unfold.train.dynamic.DynamicEvaluation;
import dev.unfold.train.dynamic.DynamicRule;
import dev.unfold.train.dynamic.Learned;
import dev.unfold.train.update.Clip;
import dev.unfold.train.update.OptimizerSpec;
import dev.unfold.train.update.Schedule;
import dev.unfold.train.update.UpdateRule;
import dev.unfold.train.update.Updater;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Arrays;
import java.util.Optional;

/// One way to learn from a stream, which counts what each segment of n steps was foreseen with before it is learned:
/// not at all, by back-propagation through the segment, or by an online rule. All change the parameters by the same
/// simple rule, once a segment.
///
/// @param losses the mean loss of each segment; shorter than the stream if a loss was not finite any more
/// @param seconds that the stream took
record StreamTrial(double[] losses, double seconds) {
  /// Who learns.
  ///
  /// @param name of the row
  /// @param rule of an online rule; empty for back-propagation
  record Learner(String name, Optional<String> rule) {}

  /// What reads segments.
  private interface Reader {
    /// @return the sum of the losses of a segment, before anything was learned of it
    double read(Batch segment);
  }

  /// Reads a stream without learning.
  static StreamTrial frozen(Network network, Batch stream, int segment, Team team) {
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, segment, 1);
    return read(
        stream,
        segment,
        next -> {
          unrolled.evaluate(next, Reduction.SUM);
          unrolled.startAfter(unrolled);
          return sum(unrolled.losses(), next.steps());
        });
  }

  /// Reads a stream and learns from it, beginning with what `network` is, which is not changed.
  static StreamTrial of(
      Network network, Batch stream, int segment, Learner learner, double rate, Team team) {
    if (learner.rule().isEmpty()) {
      DynamicEvaluation dynamic =
          new DynamicEvaluation(network, new DynamicRule.Sgd(rate, 0), Learned.ALL, segment, team);
      return read(stream, segment, dynamic::segment);
    }
    Network copy = Network.zeros(network.spec(), network.kernels());
    copy.parameters().set(network.parameters());
    OnlineRule rule = OnlineRule.parse(learner.rule().get(), 1, network.spec().outputs());
    OnlineGradient online = OnlineGradient.of(copy, team, 1, rule);
    UpdateRule simple =
        UpdateRule.defaults().with(OptimizerSpec.parse("sgd")).with(new Clip.None()).withRate(rate);
    Updater updater = new Updater(simple, copy, team);
    return read(stream, segment, next -> online(next, online, updater, copy));
  }

  private static double online(
      Batch next, OnlineGradient online, Updater updater, Network network) {
    updater.gradients().buffer().clear();
    double sum = 0;
    for (int t = 0; t < next.steps(); t++) {
      sum += online.step(next.part(t, t + 1), Reduction.SUM, updater.gradients());
    }
    try {
      updater.update(new Schedule.Point(0, 0, 0, 0), sum, next.steps(), 0);
    } catch (ArithmeticException _) {
      return Double.NaN;
    }
    network.parameters().changed();
    return sum;
  }

  private static StreamTrial read(Batch stream, int segment, Reader reader) {
    double[] losses = new double[Math.ceilDiv(stream.steps(), segment)];
    long begun = System.nanoTime();
    for (int i = 0; i < losses.length; i++) {
      int until = Math.min((i + 1) * segment, stream.steps());
      Batch next = stream.part(i * segment, until);
      losses[i] = reader.read(next) / next.steps();
      if (!Double.isFinite(losses[i])) {
        losses = Arrays.copyOf(losses, i);
      }
    }
    return new StreamTrial(losses, (System.nanoTime() - begun) / 1e9);
  }

  private static double sum(double[] losses, int steps) {
    return Arrays.stream(losses, 0, steps).sum();
  }

  /// The mean loss of the segments from `from` to before `until`, as shares of `all`; infinite if it got not so far.
  double mean(double from, double until, int all) {
    int first = (int) Math.round(from * all);
    int last = (int) Math.round(until * all);
    return last > losses.length
        ? Double.POSITIVE_INFINITY
        : Arrays.stream(losses, first, last).average().orElse(Double.NaN);
  }
}
