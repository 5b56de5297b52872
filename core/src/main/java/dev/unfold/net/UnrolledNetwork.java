package dev.unfold.net;

import dev.unfold.bptt.LiveRows;
import dev.unfold.bptt.UnrolledLayer;
import dev.unfold.cell.Mask;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Team;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A network unrolled over T steps for B sequences: back-propagation through time over a batch.
///
/// The order of calls: set the initial state ([#start]; zero at first), [#forward], then if wanted
/// [#loss], then if wanted [#backward]. Another order throws [IllegalStateException].
///
///     UnrolledNetwork unrolled = network.unroll(team, steps, batch);
///     unrolled.forward(tokens, 0);
///     double loss = unrolled.loss(targets, 0, Reduction.MEAN);
///     unrolled.backward(gradients);
///
/// **Lengths**: sequences may be shorter than T ([#lengths]) or lack steps ([#present]). Only the steps that are there are
/// computed, whatever is in the input at the others. A step that is missing leaves the state as it is. In results, what
/// belongs to a step that is not there is zero.
///
/// **Shapes**: time-major; row t*B + b is step t of sequence b.
///
/// **Memory**: all of it is allocated here: per step and row the logits (K numbers), and what each layer
/// keeps.
///
/// **Threads**: one caller at a time; the result is the same for any team, bit for bit.
public final class UnrolledNetwork {
  /// The target of a step that has none.
  public static final int NO_TARGET = -1;

  private final Network network;
  private final NetworkWeights weights;
  private final Team team;
  private final Kernels kernels;
  private final int steps;
  private final int batch;
  private final Arrangement arrangement;
  private final NetworkInput input;
  private final List<Level> levels = new ArrayList<>();
  private final NetworkStates states;
  private final Readout readout;
  private final Losses targets;
  private final double[] losses;
  private final Backward backward;

  /// Null if there is none.
  private final Dropout outputDropout;

  /// Which random masks count.
  private long draw;

  private Phase phase = Phase.STARTED;

  /// What has been done since the last start.
  private enum Phase {
    STARTED,
    HAS_LOGITS,
    HAS_LOSS
  }

  UnrolledNetwork(Network network, NetworkWeights weights, Noise noise, Team team, LiveRows live) {
    this.network = network;
    this.weights = weights;
    this.team = team;
    this.kernels = network.kernels();
    steps = live.capacity();
    batch = live.batch();
    arrangement = new Arrangement(live);
    input = new NetworkInput(network, arrangement);
    Level.Sequences below = input.sequences();
    int count = network.spec().layers();
    for (int l = 0; l < count; l++) {
      boolean residual = l > 0 && network.spec().has(Wiring.RESIDUAL);
      Dropout dropout = dropout(noise, l, below);
      Level level =
          new Level(weights.layers.get(l), kernels, team, arrangement, below, dropout, residual);
      levels.add(level);
      below = new Level.Sequences(level.output, level.outputGradient);
    }
    outputDropout = dropout(noise, count, below);
    below = outputDropout == null ? below : outputDropout.sequences();
    List<UnrolledLayer> layers = levels.stream().flatMap(l -> l.directions.stream()).toList();
    states = new NetworkStates(network.spec().cell(), layers, arrangement);
    readout = new Readout(network, weights, team, below, arrangement);
    targets = new Losses(arrangement, kernels, network.spec().classes());
    losses = new double[steps * batch];
    backward = new Backward(network, arrangement, input, levels, states, readout, outputDropout);
  }

  /// Null if nothing is left out before layer `l`, or the readout.
  private Dropout dropout(Noise noise, int l, Level.Sequences below) {
    double rate = noise.before(l, network.spec().layers());
    return rate == 0
        ? null
        : new Dropout(
            kernels, arrangement, below, Mask.dropout(rate, noise.rhythm()), Masks.purpose(l, 0));
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
    present(Arrangement.present(steps, batch, lengths));
  }

  /// Lets the b-th sequence have the steps t with `present[t*B + b]` from the next [#forward] on.
  ///
  /// **Errors**: [IllegalArgumentException] if there are not T*B values.
  public void present(boolean... present) {
    if (present.length != steps * batch) {
      throw new IllegalArgumentException(
          "present: expected T*B=%d values, got %d".formatted(steps * batch, present.length));
    }
    phase = Phase.STARTED;
    arrangement.set(present);
  }

  /// Lets all sequences have all T steps, as at first.
  public void allPresent() {
    phase = Phase.STARTED;
    arrangement.fill();
  }

  /// The input of all steps `[T*B, I]`: to be filled before [#forward()] if the network takes vectors.
  public Matrix input() {
    return input.given();
  }

  /// The output of layer `layer` at all steps, `[T*B, H]`, in both directions `[T*B, 2H]`: a window if all steps are there,
  /// else a copy.
  public Matrix output(int layer) {
    return given(levels.get(layer).output.rows(arrangement.rows()));
  }

  /// net_y of all steps `[T*B, K]`, after [#forward]; replaced by the scaled error signals delta_out by
  /// [#loss]. A window if all steps are there, else a copy.
  public Matrix logits() {
    return given(readout.logits());
  }

  /// Rows inside as rows of the caller's.
  private Matrix given(Matrix rows) {
    if (arrangement.isPlain()) {
      return rows;
    }
    Matrix all = Matrix.allocate(kernels.precision(), steps * batch, rows.cols());
    if (rows.rows() > 0) {
      kernels.scatterAdd(rows, arrangement.given(), 0, all);
    }
    return all;
  }

  /// Runs `inputs` of T*B rows from `state`.
  Outcome run(Inputs inputs, State state) {
    states.check(state);
    start(state);
    input.read(inputs);
    run();
    Matrix from = readout.logits();
    Matrix outputs = Matrix.onHeap(kernels.precision(), from.rows(), from.cols());
    outputs.buffer().copy(from.buffer(), 0, 0, from.buffer().length());
    State next = State.zeros(network.spec(), kernels.precision(), batch);
    states.copyLast(next);
    return new Outcome(outputs, next);
  }

  /// The loss of each step and sequence, E_t of sequence b at t*B + b, after [#loss].
  public double[] losses() {
    return losses;
  }

  /// The derivative of the loss with respect to the input `[T*B, I]`, after [#backward]. A window if all steps are there,
  /// else a copy.
  public Matrix inputGradient() {
    return given(input.gradient());
  }

  /// The derivative of the loss with respect to the initial state, after [#backward].
  public State initialStateGradient() {
    return backward.initialStateGradient();
  }

  /// A copy of the state after the last step of each sequence.
  public State finalState() {
    return states.last();
  }

  /// Starts from the state `state`, a copy of which is taken.
  ///
  /// **Errors**: [IllegalArgumentException] if it has other sizes.
  public void start(State state) {
    phase = Phase.STARTED;
    states.set(state);
  }

  /// Starts from the state after the last step of `previous`, which has the same B; `previous` may be this.
  ///
  /// **Errors**: [IllegalArgumentException] if it has other sizes.
  public void startAfter(UnrolledNetwork previous) {
    phase = Phase.STARTED;
    states.setAfter(previous.states);
  }

  /// Starts from a state of zeros.
  public void startFromZero() {
    phase = Phase.STARTED;
    states.clear();
  }

  /// Lets the sizes of the error signals be written down at each [#backward] from now on.
  public ErrorNorms watchErrors() {
    return backward.watch();
  }

  /// Runs all steps on the vectors in [#input].
  public void forward() {
    input.read();
    run();
  }

  /// Runs all steps on tokens: the one of step t, sequence b is `tokens[from + t*B + b]`.
  public void forward(int[] tokens, int from) {
    expectRows("tokens", tokens.length, from);
    input.read(tokens, from);
    run();
  }

  private void expectRows(String name, int length, int from) {
    if (from < 0 || length - from < steps * batch) {
      throw new IllegalArgumentException(
          "%s: expected T*B=%d from %d on, got a length of %d"
              .formatted(name, steps * batch, from, length));
    }
  }

  private void run() {
    runLayers();
    readout.forward();
    phase = Phase.HAS_LOGITS;
  }

  private void runLayers() {
    phase = Phase.STARTED;
    weights.refresh(team);
    states.arrange();
    for (int l = 0; l < levels.size(); l++) {
      levels.get(l).forward(draw, l);
    }
    if (outputDropout != null) {
      outputDropout.forward(draw);
    }
  }

  /// The softmax cross-entropy with the right class of step t, sequence b at `targets[from + t*B + b]`; [#NO_TARGET] for a
  /// step without a loss.
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
  /// @return as [#loss(int[], int, Reduction)]
  public double loss(Matrix targets, Reduction reduction) {
    return loss(new Targets.Distributions(targets), reduction);
  }

  /// The loss for `targets` of all T*B rows.
  ///
  /// @return as [#loss(int[], int, Reduction)]
  public double loss(Targets targets, Reduction reduction) {
    if (targets.rows() != steps * batch && !(targets instanceof Targets.Classes)) {
      throw new IllegalArgumentException(
          "targets: expected T*B=%d rows, got %d".formatted(steps * batch, targets.rows()));
    }
    expect(Phase.HAS_LOGITS, "loss: expected a forward pass since the last loss or start");
    this.targets.take(targets, reduction);
    phase = Phase.STARTED;
    return loss(targets, 0, losses);
  }

  /// Runs all steps of `batch`, of at most T steps and B sequences, and computes their loss: [#lengths] or [#present],
  /// [#forward] and [#loss] in one.
  ///
  /// @return as [#loss(int[], int, Reduction)]
  public double loss(Batch batch, Reduction reduction) {
    phase = Phase.STARTED;
    arrangement.take(batch);
    input.read(batch.inputs());
    runLayers();
    readout.forward(batch.targets());
    targets.take(batch.targets(), reduction);
    return loss(batch.targets(), 0, losses);
  }

  private double loss(Targets of, double start, double[] given) {
    Arrays.fill(losses, 0);
    double sum = targets.sum(readout.loss(of, targets), start, given);
    phase = Phase.HAS_LOSS;
    return sum;
  }

  /// Follows the error of all steps back to all steps before and adds the derivatives of the loss with
  /// respect to all parameters to `gradients`.
  public void backward(Parameters gradients) {
    expectLoss("backward");
    backward.whole(gradients);
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
    if (network.spec().directions() > 1) {
      throw new IllegalStateException("truncation: expected layers of one direction, got both");
    }
    expectLoss("backward");
    backward.windows(gradients, truncation);
  }

  /// What each E_t alone sends back: its error signals in all layers and its own gradients of all
  /// parameters, after [#loss]. One pass back for each t: O(T^2) in time and memory. Replaces [#backward].
  ///
  /// **Errors**: [IllegalStateException] if not all steps are there, or if layers run in both directions.
  public ErrorSignals errorSignals() {
    expectLoss("errorSignals");
    return new PairwiseErrors(network, weights, arrangement, levels, readout, backward).signals();
  }

  // A part of a longer batch

  /// Lets the random masks be those of draw `draw` from now on.
  void drawMasks(long draw) {
    this.draw = draw;
  }

  /// Is from now on the part of `whole` from step `from` on, as long as there is room for.
  void arrange(Arrangement whole, int from) {
    phase = Phase.STARTED;
    arrangement.set(whole, from);
    backward.moveTo(from);
  }

  /// Runs the layers alone on the rows that are there of the whole batch's inputs.
  void runLayers(Inputs inputs) {
    input.read(inputs);
    runLayers();
  }

  /// Computes the losses of the whole batch's targets, and follows them and `arriving` back.
  ///
  /// @param weights what a loss of each sequence counts
  /// @param start what the sum of the losses begins with
  /// @param given for the losses, in the whole batch's rows
  /// @return the sum
  double lossAndBackward(
      Targets of, double[] weights, double start, double[] given, State arriving, Parameters to) {
    readout.forward(of);
    targets.take(of, weights);
    double sum = loss(of, start, given);
    states.setLastGradient(arriving);
    backward.part(to);
    states.copyInitialGradient(arriving);
    return sum;
  }

  NetworkStates states() {
    return states;
  }

  List<Level> levels() {
    return levels;
  }

  Arrangement arrangement() {
    return arrangement;
  }

  /// Lets the sizes of the error signals be written down in `norms`, those of the whole sequence.
  void watchErrors(ErrorNorms norms) {
    backward.watch(norms, 0);
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
