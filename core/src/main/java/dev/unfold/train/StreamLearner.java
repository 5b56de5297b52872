package dev.unfold.train;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Reduction;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.online.OnlineGradient;
import dev.unfold.online.OnlineRule;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.update.Averaging;
import dev.unfold.train.update.Schedule;
import dev.unfold.train.update.UpdateRule;
import dev.unfold.train.update.Updater;
import dev.unfold.unroll.UnrolledNetwork;

/// Learns from a stream that need not end, a step at a time: [#predict] says what comes, and once it is known [#learn]
/// tells how wrong that was, and every so many steps changes the parameters.
///
///     StreamLearner learner = StreamLearner.of(network, team, 1, rule, UpdateRule.defaults(), 1);
///     Matrix outputs = learner.predict(inputs);
///     StreamLearner.Step step = learner.learn(Batch.of(1, 1, inputs, targets));
///
/// Beside it runs a twin whose parameters stay what they were when the learner was made: only if the losses before
/// learning are lower than the twin's does learning help. Online rules can unlearn, so who serves a learner watches
/// that.
///
/// The network that is given is the one that learns. Who reads while it learns takes a [#snapshot].
///
/// **Memory**: that of [OnlineGradient] and [Updater], and of the parameters once more for the twin.
///
/// **Threads**: one caller at a time; the result is the same for any team, bit for bit.
public final class StreamLearner {
  private final Network network;
  private final OnlineGradient online;
  private final Updater updater;
  private final int updateEvery;
  private final Runner runner;
  private final UnrolledNetwork twin;
  private State twinState;
  private long steps;
  private long updates;
  private double losses;

  /// What a step was.
  ///
  /// @param loss the mean loss of the sequences, before anything was learned of it
  /// @param twinLoss that of the twin, which does not learn
  /// @param hasUpdated whether the parameters were changed after it
  public record Step(double loss, double twinLoss, boolean hasUpdated) {}

  private StreamLearner(
      Network network, Team team, int batch, OnlineRule rule, UpdateRule update, int updateEvery) {
    this.network = network;
    this.updateEvery = updateEvery;
    online = OnlineGradient.of(network, team, batch, rule);
    updater = new Updater(update, network, team);
    runner = new Runner(network);
    Network still = Network.zeros(network.spec(), network.kernels());
    still.parameters().set(network.parameters());
    twin = UnrolledNetwork.of(still, team, 1, batch);
    twinState = online.state();
    updater.gradients().buffer().clear();
  }

  /// A learner of `network`.
  ///
  /// @param batch B, streams side by side
  /// @param updateEvery after how many steps parameters change; gradients are averages over these
  ///
  /// **Errors**: [IllegalArgumentException] if the rule cannot be had for the network, as [OnlineGradient#of] says, or
  ///     for averages, schedules and accumulation, which are of batches and epochs.
  public static StreamLearner of(
      Network network, Team team, int batch, OnlineRule rule, UpdateRule update, int updateEvery) {
    Expect.given("network", network);
    Expect.given("update", update);
    if (updateEvery < 1) {
      throw new Refusal("updateEvery", "1 step or more", updateEvery);
    }
    if (update.accumulation() > 1) {
      throw new Refusal("accumulate", "1: updates come every so many steps", update.accumulation());
    }
    if (!(update.averaging() instanceof Averaging.None)) {
      throw new Refusal("average", "none: a stream has no end to average for", update.averaging());
    }
    if (!(update.schedule() instanceof Schedule.Constant)) {
      throw new Refusal("schedule", "constant: a stream has no epochs", update.schedule());
    }
    return new StreamLearner(network, team, batch, rule, update, updateEvery);
  }

  /// What the network says of the next step of all streams, `[B, K]`: nothing moves on.
  public Matrix predict(Inputs inputs) {
    return runner.run(inputs, online.state()).outputs();
  }

  /// Runs a step, adds its gradients, and changes the parameters if it is time.
  ///
  /// @param step T = 1 step of B streams, with what was right; steps without a target move the state alone
  ///
  /// **Errors**: [IllegalArgumentException] as [OnlineGradient#step], and for a number that is not finite or a class
  ///     that the head has not: nothing moves then. [TrainingException] if loss or gradients are no longer finite: no
  ///     parameter is changed then, but states have moved, and [#reset] lets a stream start anew.
  public Step learn(Batch step) {
    Expect.given("step", step).expectFinite(network.kernels());
    step.expectClasses(network.spec().head());
    double loss = online.step(step, Reduction.MEAN, updater.gradients());
    twin.start(twinState);
    double twinLoss = twin.evaluate(step, Reduction.MEAN);
    twinState = twin.finalState();
    if (!Double.isFinite(loss)) {
      throw new TrainingException(
          "step %d: expected a finite loss, got %s; reset() lets a stream start anew"
              .formatted(steps + 1, loss));
    }
    losses += loss;
    steps++;
    boolean isTime = steps % updateEvery == 0;
    if (isTime) {
      update();
    }
    return new Step(loss, twinLoss, isTime);
  }

  private void update() {
    try {
      updater.update(
          new Schedule.Point(updates, 0, 0, 0), losses / updateEvery, updateEvery, updates);
    } catch (ArithmeticException e) {
      throw new TrainingException("update " + (updates + 1) + ": " + e.getMessage());
    } finally {
      updater.gradients().buffer().clear();
      losses = 0;
    }
    updates++;
    network.parameters().changed();
  }

  /// Lets stream b start anew, for the twin as well.
  public void reset(int b) {
    online.reset(b);
    twinState = twinState.reset(b);
  }

  /// What it learns by: its norms and how often they were limited.
  public OnlineGradient online() {
    return online;
  }

  /// A copy of the state after the last step.
  public State state() {
    return online.state();
  }

  /// A copy of the parameters as they are now.
  public Parameters snapshot() {
    return network.parameters().copy();
  }

  /// How many steps it has seen.
  public long steps() {
    return steps;
  }

  /// How often parameters were changed.
  public long updates() {
    return updates;
  }
}
