package dev.unfold.unroll;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Reduction;
import dev.unfold.head.SeveralTargets;
import dev.unfold.head.Targets;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.LiveRows;
import dev.unfold.model.GradientListener;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkWeights;
import dev.unfold.model.Noise;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.ErrorNorms;
import dev.unfold.sequence.ErrorSignals;
import dev.unfold.sequence.Inputs;
import dev.unfold.sequence.Truncation;
import dev.unfold.unroll.head.Aim;
import dev.unfold.unroll.rows.PackedRows;
import dev.unfold.unroll.tape.Tape;
import java.util.Arrays;
import java.util.Objects;

/// A network unrolled over T steps for B sequences: back-propagation through time over a batch.
///
/// The order of calls: set the initial state ([#start]; zero at first), [#forward], then if wanted
/// [#loss], then if wanted [#backward]. Another order throws [IllegalStateException].
///
///     UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, steps, batch);
///     unrolled.forward(tokens, 0);
///     double loss = unrolled.loss(targets, 0, Reduction.MEAN);
///     unrolled.backward(gradients);
///
/// **Lengths**: sequences may be shorter than T ([#lengths]) or lack steps ([#present]). Only the steps that are there
/// are computed, whatever is in the input at the others. A step that is missing leaves the state as it is. In results,
/// what belongs to a step that is not there is zero.
///
/// **Shapes**: time-major; row t*B + b is step t of sequence b.
///
/// **Memory**: per step and row what each layer keeps, allocated when it is made; the logits, K numbers per step and
/// row, and what a kind of targets needs besides, when the first of them come. Of many classes [#evaluate] and
/// [#gradient] keep logits of 128 rows only. Results that are said to be copies have
/// memory of their own.
///
/// **Threads**: one caller at a time; the result is the same for any team, bit for bit.
public final class UnrolledNetwork {
  private static final Aim OUTPUTS = new Aim.Outputs();

  private final Network network;
  private final Tape tape;
  private final CallersRows rows;
  private final int steps;
  private final int batch;
  private final double[] losses;
  private Phase phase = Phase.STARTED;

  /// What has been done since the last start.
  private enum Phase {
    STARTED,
    HAS_LOGITS,
    HAS_LOSS,
    /// A loss whose outputs were not kept.
    HAS_NOTHING
  }

  public UnrolledNetwork(
      Network network, NetworkWeights weights, Noise noise, Team team, LiveRows live) {
    this.network = network;
    steps = live.capacity();
    batch = live.batch();
    tape = new Tape(network, weights, noise, team, live);
    rows = new CallersRows(network.kernels(), tape.packedRows);
    losses = new double[steps * batch];
  }

  /// `network` unrolled over `steps` = T steps for `batch` = B sequences at once, without random masks.
  ///
  /// **Errors**: [IllegalArgumentException] if T or B is below 1, or too large for the rows of a matrix.
  public static UnrolledNetwork of(Network network, Team team, int steps, int batch) {
    Expect.given("network", network);
    Expect.given("team", team);
    Expect.positive("steps", "T", steps);
    Expect.positive("batch", "B", batch);
    return new UnrolledNetwork(
        network, network.weights(), Noise.NONE, team, new LiveRows(steps, batch));
  }

  /// T
  public int steps() {
    return steps;
  }

  /// B
  public int batch() {
    return batch;
  }

  /// Lets the b-th sequence have the first `lengths[b]` of the T steps from the next [#forward] on.
  ///
  /// **Errors**: [IllegalArgumentException] if there are not B numbers from 0 to T.
  public void lengths(int... lengths) {
    Objects.requireNonNull(lengths, "lengths: expected B numbers, got null");
    present(PackedRows.present(steps, batch, lengths));
  }

  /// Lets the b-th sequence have the steps t with `present[t*B + b]` from the next [#forward] on.
  ///
  /// **Errors**: [IllegalArgumentException] if there are not T*B values.
  public void present(boolean... present) {
    Objects.requireNonNull(present, "present: expected T*B values, got null");
    if (present.length != steps * batch) {
      throw new Refusal("present", "T*B=%d values".formatted(steps * batch), present.length);
    }
    phase = Phase.STARTED;
    tape.packedRows.set(present);
  }

  /// Lets all sequences have all T steps, as at first.
  public void allPresent() {
    phase = Phase.STARTED;
    tape.packedRows.fill();
  }

  /// The input of all steps `[T*B, I]`: to be filled before [#forward()] if the network takes vectors.
  public Matrix input() {
    return tape.input.given().toHost();
  }

  /// The output of layer `layer` at all steps, `[T*B, H]`, in both directions `[T*B, 2H]`: in the host's memory: a
  /// window if all steps are there and the backend computes there, else a copy.
  public Matrix output(int layer) {
    if (layer < 0 || layer >= tape.layers.size()) {
      throw new Refusal("layer", "0 to L-1=%d".formatted(tape.layers.size() - 1), layer);
    }
    return rows.of(tape.layers.get(layer).output.rows(tape.packedRows.rows()));
  }

  /// net_y of all steps `[T*B, K]`, after [#forward], or of all sequences `[B, K]` if they are pooled, zeros for one
  /// that has no steps; of several heads as [dev.unfold.head.SeveralHeads] says. Replaced by the scaled error signals
  /// delta_out by [#loss]. In the host's memory: a window if all steps are there, there is one head and the backend
  /// computes there, else a copy.
  public Matrix logits() {
    if (phase == Phase.HAS_NOTHING) {
      throw new IllegalStateException("logits: expected a forward pass or loss that keeps them");
    }
    return rows.of(tape.heads, network.spec().outputs());
  }

  /// The loss of each step and sequence, E_t of sequence b at t*B + b, after [#loss].
  public double[] losses() {
    return losses;
  }

  /// The derivative of the loss with respect to the input `[T*B, I]`, after [#backward]. In the host's memory: a window
  /// if all steps are there and the backend computes there, else a copy.
  public Matrix inputGradient() {
    return rows.of(tape.input.gradient());
  }

  /// The derivative of the loss with respect to the initial state, after [#backward].
  public State initialStateGradient() {
    return tape.backward.initialStateGradient();
  }

  /// A copy of the state after the last step of each sequence.
  public State finalState() {
    return tape.states.last();
  }

  /// Starts from the state `state`, a copy of which is taken.
  ///
  /// **Errors**: [IllegalArgumentException] if it has other sizes, or a number that is not finite.
  public void start(State state) {
    Objects.requireNonNull(state, "state: expected one, got null");
    phase = Phase.STARTED;
    state.expectFinite(network.spec());
    tape.states.set(state);
  }

  /// Starts from the state after the last step of `previous`, which has the same B; `previous` may be this.
  ///
  /// **Errors**: [IllegalArgumentException] if it has other sizes.
  public void startAfter(UnrolledNetwork previous) {
    Objects.requireNonNull(previous, "previous: expected an unrolled network, got null");
    phase = Phase.STARTED;
    tape.states.setAfter(previous.tape.states);
  }

  /// Copies the state after the last step of each sequence to `to`, which has the sizes of [#finalState].
  public void keep(State to) {
    Objects.requireNonNull(to, "to: expected a state, got null");
    tape.states.check(to);
    tape.states.copyLast(to);
  }

  /// Starts from `kept`, which [#keep] has filled, as [#startAfter] does from an unrolled network.
  public void goOn(State kept) {
    Objects.requireNonNull(kept, "kept: expected a state, got null");
    phase = Phase.STARTED;
    tape.states.set(kept);
  }

  /// Starts from a state of zeros, or from where the network's [dev.unfold.model.StaticStart] says.
  public void startFromZero() {
    phase = Phase.STARTED;
    tape.states.clear();
  }

  /// Lets the sizes of the error signals be written down at each [#backward] from now on.
  public ErrorNorms watchErrors() {
    return tape.backward.watch();
  }

  /// Lets the parameters of layer `layer`, which has one direction, collect nothing from now on: for who has their
  /// gradients otherwise. The error passes it as far as somebody below learns from it; [#inputGradient] and
  /// [#initialStateGradient] of the lowest layer are then not computed if that reads vectors.
  public void excludeGradients(int layer) {
    tape.backward.exclude(layer);
  }

  /// Runs all steps on the vectors in [#input].
  public void forward() {
    tape.input.read();
    tape.start(new Inputs.Vectors(tape.input.given().toHost()));
    run();
  }

  /// Runs all steps on tokens: the one of step t, sequence b is `tokens[from + t*B + b]`.
  public void forward(int[] tokens, int from) {
    Objects.requireNonNull(tokens, "tokens: expected an array, got null");
    expectRows("tokens", tokens.length, from);
    tape.input.read(tokens, from);
    run();
  }

  /// Runs all steps on `inputs`, which were checked.
  public void forward(Inputs inputs) {
    tape.input.read(inputs);
    tape.start(inputs);
    run();
  }

  private void expectRows(String name, int length, int from) {
    if (from < 0 || length - from < steps * batch) {
      throw new Refusal(
          name,
          "T*B=%d from %d on".formatted(steps * batch, from),
          "a length of %d".formatted(length));
    }
  }

  private void run() {
    phase = Phase.STARTED;
    tape.runLayers();
    tape.heads.readOut();
    phase = Phase.HAS_LOGITS;
  }

  /// The softmax cross-entropy with the right class of step t, sequence b at `targets[from + t*B + b]`;
  /// [Targets#NO_TARGET] for a step without a loss.
  ///
  /// @return the sum of all E_t, or their average, as `reduction` says, 0 if there are none; the gradients that
  ///     [#backward] adds are those of this number
  public double loss(int[] targets, int from, Reduction reduction) {
    expectRows("targets", targets.length, from);
    return loss(new Targets.Classes(targets, from), reduction);
  }

  /// The softmax cross-entropy with a distribution over the classes for each step and sequence, `[T*B, K]`; zeros for a
  /// step without a loss.
  ///
  /// @return as [#loss(int\[\], int, Reduction)]
  public double loss(Matrix targets, Reduction reduction) {
    return loss(new Targets.Distributions(targets), reduction);
  }

  /// The loss for `targets` of all T*B rows.
  ///
  /// @return as [#loss(int\[\], int, Reduction)]
  public double loss(Targets targets, Reduction reduction) {
    boolean fits =
        (targets.plain() instanceof Targets.Classes || targets instanceof SeveralTargets)
            ? targets.rows() >= steps * batch
            : targets.rows() == steps * batch;
    if (!fits) {
      throw new Refusal("targets", "T*B=%d rows".formatted(steps * batch), targets.rows());
    }
    expect(Phase.HAS_LOGITS, "loss: expected a forward pass since the last loss or start");
    return computeLoss(targets, reduction);
  }

  /// Runs all steps of `batch`, of at most T steps and B sequences, and computes their loss: [#lengths] or [#present],
  /// [#forward] and [#loss] in one.
  ///
  /// @return as [#loss(int\[\], int, Reduction)]
  public double loss(Batch batch, Reduction reduction) {
    return loss(batch, reduction.weights(batch.amounts(network.spec().head())));
  }

  /// The same for the sum of all losses, of which one of the batch's sequence b counts `weights[b]`.
  public double loss(Batch given, double[] weights) {
    double sum = loss(given, weights, OUTPUTS);
    phase = Phase.HAS_LOSS;
    return sum;
  }

  /// The loss of `batch` as [#loss(Batch, Reduction)] gives it, in less memory: neither outputs nor a way back are
  /// kept, so there is nothing for [#logits] and [#backward] to go on.
  public double evaluate(Batch batch, Reduction reduction) {
    Expect.given("batch", batch);
    Expect.given("reduction", reduction);
    double[] weights = reduction.weights(batch.amounts(network.spec().head()));
    return loss(batch, weights, new Aim.Loss());
  }

  /// The loss of `batch` as [#loss(Batch, double\[\])] gives it, whose error is followed back as [#backward] does, in
  /// less memory: the outputs are not kept.
  ///
  /// @param truncation null to follow it through all steps
  ///
  /// **Errors**: as [#backward].
  public double gradient(
      Batch batch, double[] weights, Parameters gradients, Truncation truncation) {
    return gradient(batch, weights, gradients, truncation, GradientListener.NOBODY);
  }

  /// The same for somebody who waits for the gradients.
  public double gradient(
      Batch batch,
      double[] weights,
      Parameters gradients,
      Truncation truncation,
      GradientListener listener) {
    Expect.given("batch", batch);
    Expect.given("weights", weights);
    Expect.given("gradients", gradients);
    if (truncation != null) {
      expectOneDirection();
    }
    double sum = loss(batch, weights, tape.backward.aimOfLoss(gradients));
    if (truncation == null) {
      tape.backward.whole(gradients, listener);
    } else {
      tape.backward.windows(gradients, truncation, listener);
    }
    return sum;
  }

  private double loss(Batch given, double[] weights, Aim aim) {
    phase = Phase.STARTED;
    Batch of = given.widened(batch);
    tape.packedRows.take(of.steps(), of.batch(), of.present());
    tape.runLayers(of.inputs());
    tape.heads.readOut(of.targets(), aim);
    Arrays.fill(losses, 0);
    double sum = tape.heads.loss(of.targets(), given.widened(weights, batch), aim, losses);
    phase = Phase.HAS_NOTHING;
    return sum;
  }

  private double computeLoss(Targets of, Reduction reduction) {
    Arrays.fill(losses, 0);
    double sum = tape.heads.loss(of, reduction, losses);
    phase = Phase.HAS_LOSS;
    return sum;
  }

  /// Follows the error of all steps back to all steps before and adds the derivatives of the loss with
  /// respect to all parameters to `gradients`.
  public void backward(Parameters gradients) {
    expectLoss("backward");
    tape.backward.whole(gradients, GradientListener.NOBODY);
  }

  /// The same with truncation: the errors of the steps w k1 to (w + 1) k1 - 1, for w = 0, 1, ..., are followed back
  /// together through the last k2 of the steps before (w + 1) k1, or T. So of the pairs (t', t) those count with
  ///
  ///     t' >= min((w + 1) k1, T) - k2        w = t / k1, rounded down
  ///
  /// The forward pass is that of the whole sequence. The readout's derivatives are not cut.
  ///
  /// **Errors**: [IllegalStateException] if layers run in both directions.
  public void backward(Parameters gradients, Truncation truncation) {
    expectOneDirection();
    expectLoss("backward");
    tape.backward.windows(gradients, truncation, GradientListener.NOBODY);
  }

  private void expectOneDirection() {
    if (network.spec().directions() > 1) {
      throw new IllegalStateException("truncation: expected layers of one direction, got both");
    }
  }

  /// What each E_t alone sends back: its error signals in all layers and its own gradients of all
  /// parameters, after [#loss]. One pass back for each t: O(T^2) in time and memory. Replaces [#backward].
  ///
  /// **Errors**: [IllegalStateException] if not all steps are there, or if layers run in both directions.
  public ErrorSignals errorSignals() {
    expectLoss("errorSignals");
    return tape.errorSignals();
  }

  /// Lets the random masks be those of draw `draw` from now on.
  public void drawMasks(long draw) {
    tape.drawMasks(draw);
  }

  /// Runs the layers alone.
  public void runLayers(Inputs inputs) {
    phase = Phase.STARTED;
    tape.runLayers(inputs);
  }

  /// What a forward pass keeps, and the way back over it: for the engines and meters of this module.
  @SuppressWarnings("exports")
  public Tape tape() {
    return tape;
  }

  private void expectLoss(String what) {
    expect(Phase.HAS_LOSS, what + ": expected a loss since the last forward pass or start");
  }

  private void expect(Phase expected, String message) {
    if (phase != expected) {
      throw new IllegalStateException(message);
    }
  }
}
