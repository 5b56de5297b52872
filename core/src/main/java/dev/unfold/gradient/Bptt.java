package dev.unfold.gradient;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.LiveRows;
import dev.unfold.model.GradientListener;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.online.OnlineGradient;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.ErrorNorms;
import dev.unfold.unroll.UnrolledNetwork;
import dev.unfold.unroll.mask.Masks;

/// The gradient of the loss over batches of B sequences of up to T steps, by one of the ways that [Engine] names. The
/// oracle of all is [UnrolledNetwork#errorSignals]: with delta(t', t) from there, each engine gives exactly the sum
/// over the pairs (t', t) that it says.
///
///     Bptt bptt = Bptt.of(network, team, steps, batch, new Engine.Budgeted(64 << 20));
///     double loss = bptt.gradient(data, Reduction.MEAN, gradients);
///
/// **Memory**: [#bytes], allocated when it is made, or when the first batch comes for the sums over truncated windows.
/// Targets that are distributions or numbers take K more numbers for each row, tags K (K + 2) for each sequence.
///
/// **Threads**: one caller at a time; the result is the same for any team, bit for bit.
public sealed interface Bptt permits UnrolledBptt, BudgetedBptt {
  /// An engine for `network`.
  ///
  /// **Errors**: [IllegalArgumentException] for a budget that is too small, which names the least that is not; or for a
  /// budget or truncation if layers run in both directions; or for an online rule, which is that of [OnlineGradient].
  static Bptt of(Network network, Team team, int steps, int batch, Engine engine) {
    Expect.given("network", network);
    Expect.given("team", team);
    Expect.positive("steps", "T", steps);
    Expect.positive("batch", "B", batch);
    LiveRows.rows(steps, batch);
    Expect.given("engine", engine).expectUsable(network.spec());
    return switch (engine) {
      case Engine.Full full -> new UnrolledBptt(network, team, steps, batch, null);
      case Engine.Truncated cut -> new UnrolledBptt(network, team, steps, batch, cut.truncation());
      case Engine.Budgeted budget ->
          new BudgetedBptt(
              network,
              team,
              steps,
              batch,
              MemoryBudget.of(
                  network.spec(), network.kernels().precision(), steps, batch, budget.bytes()));
      case Engine.Online online ->
          throw new Refusal("engine", "one that goes back through time", online.rule());
    };
  }

  /// Lets the next batch start from a state of zeros, as at first.
  void startFromZero();

  /// Lets the next batch start from `state`, a copy of which is taken.
  void start(State state);

  /// Lets the next batch start from the state after the last steps of the one before.
  void startAfterLast();

  /// Copies the state after the last steps to `to`, which has the sizes of [#finalState]: for who goes through several
  /// batches side by side, each of which goes on from a state of its own ([#goOn]).
  void keep(State to);

  /// Lets the next batch go on from `kept`, which [#keep] has filled. Unlike one that is given ([#start]), its numbers
  /// are not looked at: if they are not finite, the loss tells.
  void goOn(State kept);

  /// Lets the network's random masks be those of draw `draw` of seed `seed` from now on, which no other seed shares.
  /// Those of seed 1 are the ones that [#drawMasks(long)] draws.
  default void drawMasks(long seed, long draw) {
    drawMasks(Masks.draw(seed, draw));
  }

  /// Lets the network's random masks ([NetworkSpec#noise]) be those of draw `draw` from now on, as they are the same at
  /// each [#gradient] until then: those of draw 0 at first. Who trains draws new ones for each update.
  void drawMasks(long draw);

  /// Computes the loss of `batch`, of at most T steps and B sequences, and adds its derivatives with respect to all
  /// parameters to `gradients`. Sequences that a smaller batch lacks have no steps, and keep their state.
  ///
  /// @return the loss, as `reduction` says
  default double gradient(Batch batch, Reduction reduction, Parameters gradients) {
    Expect.given("batch", batch);
    Expect.given("reduction", reduction);
    return gradient(batch, reduction.weights(batch.amounts(head())), gradients);
  }

  /// The same for the sum of all losses, of which one of the batch's sequence b counts `weights[b]`.
  ///
  /// @return that sum
  default double gradient(Batch batch, double[] weights, Parameters gradients) {
    return gradient(batch, weights, gradients, GradientListener.NOBODY);
  }

  /// The same for somebody who waits for the gradients. Engines that go through the steps several times, and random
  /// masks on matrices, let all wait for the end.
  double gradient(Batch batch, double[] weights, Parameters gradients, GradientListener listener);

  /// What the outputs of the network mean.
  Head head();

  /// E_t of sequence b of the last batch at t*B + b.
  double[] losses();

  /// A copy of the state after the last steps.
  State finalState();

  /// The derivative of the loss with respect to the initial state.
  State initialStateGradient();

  /// Lets the sizes of the error signals be written down at each [#gradient] from now on.
  ErrorNorms watchErrors();

  /// Bytes of memory that this takes, [Footprint#of].
  long bytes();

  /// About how many times the time of full back-propagation this takes, [Footprint#relativeTime].
  double relativeTime();
}
