package dev.unfold.train;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.gradient.Engine;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.online.InfluenceWatch;
import dev.unfold.online.KeptInfluence;
import dev.unfold.train.data.TrainingData;
import java.util.Optional;

/// Where the gradients of an update come from.
///
/// [#of] computes them here, by back-propagation through one batch or several, or by an online rule. Another source may
/// wrap that one: it finds in [Losses] what its own sums count. Of one of several [Workers] they are those of all.
///
/// **Threads**: one caller at a time.
public interface GradientSource {
  /// What the gradients of an update are of: those of the sum `sum` of losses are `divisor` times those of the update.
  ///
  /// @param sum of the losses, each with what it counts
  /// @param divisor what this sum and its gradients are divided by
  /// @param weight what the update counts in an average over many: how many losses, or sequences, it has
  /// @param rows steps of sequences that were gone through
  /// @param next the place in the data of the next update
  record Losses(double sum, double divisor, long weight, long rows, long next) {
    /// The loss of the update.
    public double mean() {
      return sum / divisor;
    }

    /// With those of a further batch, whose divisor and weight are that of both.
    Losses plus(Losses more) {
      return new Losses(sum + more.sum, more.divisor, more.weight, rows + more.rows, more.next);
    }
  }

  /// Makes `gradients` those of the sum of the losses of the update whose first batch is at `place`.
  ///
  /// **Errors**: [IllegalArgumentException] for a batch that cannot be learned.
  Losses gradient(long place, Parameters gradients);

  /// Lets the next batch start from `state`.
  void start(State state);

  /// Lets the next batch start from `state` and what a rule kept of the steps before.
  ///
  /// **Errors**: [IllegalArgumentException] if nothing is kept here, or that is of another rule or network.
  default void start(State state, KeptInfluence kept) {
    throw new Refusal("engine", "an online rule, which the state is of", "back-propagation");
  }

  /// Copies of what an online rule keeps of the steps before; empty for back-propagation, which keeps nothing.
  default Optional<KeptInfluence> influence() {
    return Optional.empty();
  }

  /// How large that is; empty for back-propagation.
  default Optional<InfluenceWatch> watch() {
    return Optional.empty();
  }

  /// A copy of the state that the next batch would start from, if it goes on with the last.
  State state();

  /// Back-propagation over batches of `data`, or an online rule, as `options` say.
  ///
  /// @param seed of the random masks
  ///
  /// **Errors**: [IllegalArgumentException] if the engine's budget of memory is too small.
  static GradientSource of(
      Network network, TrainingOptions options, TrainingData data, long seed, Team team) {
    return of(network, options, data, seed, team, Workers.alone());
  }

  /// The same for one of several workers, which finds the gradients of its blocks and gets the sum of all.
  ///
  /// **Errors**: as above; [IllegalArgumentException] if there are fewer blocks than workers.
  static GradientSource of(
      Network network,
      TrainingOptions options,
      TrainingData data,
      long seed,
      Team team,
      Workers workers) {
    Expect.given("network", network);
    Expect.given("options", options);
    Expect.given("data", data);
    Expect.given("team", team);
    Expect.given("workers", workers);
    LearnableData learnable = new LearnableData(network, data, options.sampled());
    if (options.blocks() > 1 || workers.count() > 1) {
      return new BlockGradients(learnable, options, seed, team, workers);
    }
    if (options.engine() instanceof Engine.Online online) {
      return new StepwiseGradients(network, online, data, seed, team);
    }
    LocalGradients local = new LocalGradients(learnable, options, seed, team);
    int batches = options.rule().accumulation();
    return batches == 1 ? local : new AccumulatedGradients(local, data, batches);
  }
}
