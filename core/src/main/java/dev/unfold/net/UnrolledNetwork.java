package dev.unfold.net;

import dev.unfold.bptt.Sequence;
import dev.unfold.bptt.UnrolledLayer;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.Team;
import java.util.ArrayList;
import java.util.List;

/// A network unrolled over T steps for B sequences: full back-propagation through time over a batch.
///
/// The order of calls: set the initial state ([#start]; zero at first), [#forward], then if wanted
/// [#loss], then if wanted [#backward]. Another order throws [IllegalStateException].
///
///     UnrolledNetwork unrolled = network.unroll(team, steps, batch);
///     unrolled.forward(tokens, 0);
///     double loss = unrolled.loss(targets, 0, Reduction.MEAN);
///     unrolled.backward(gradients);
///
/// **Shapes**: time-major; row t*B + b is step t of sequence b.
///
/// **Memory**: all of it is allocated here: per step and row the logits (K numbers), and what each layer
/// keeps.
///
/// **Threads**: one caller at a time; the result is the same for any team, bit for bit.
public final class UnrolledNetwork {
  private final Network network;
  private final Team team;
  private final Kernels kernels;
  private final int steps;
  private final int batch;
  private final Sequence input;
  private final Sequence inputGradient;
  private final List<UnrolledLayer> layers = new ArrayList<>();
  private final NetworkStates states;
  private final Readout readout;
  private final Matrix inputRows;
  private final Matrix inputGradientRows;
  private final Matrix embedding;
  private int[] tokens;
  private int tokensFrom;
  private NetworkGradients gradients;
  private Phase phase = Phase.STARTED;

  /// What has been done since the last start.
  private enum Phase {
    STARTED,
    HAS_LOGITS,
    HAS_LOSS
  }

  UnrolledNetwork(Network network, Team team, int steps, int batch) {
    this.network = network;
    this.team = team;
    this.kernels = network.kernels();
    this.steps = steps;
    this.batch = batch;
    Precision precision = kernels.precision();
    int rows = Math.multiplyExact(steps, batch);
    input = Sequence.allocate(precision, rows, network.spec().encoder().width());
    inputGradient = Sequence.allocate(precision, rows, input.width());
    inputRows = input.rows(rows);
    inputGradientRows = inputGradient.rows(rows);
    embedding =
        network.spec().encoder() instanceof Encoder.Embedding
            ? network.parameters().matrix(Network.EMBEDDING)
            : null;
    Sequence below = input;
    Sequence belowGradient = inputGradient;
    for (int l = 0; l < network.spec().layers(); l++) {
      UnrolledLayer layer =
          new UnrolledLayer(
              network.weights().layers.get(l), team, below, belowGradient, steps, batch);
      layers.add(layer);
      below = layer.output();
      belowGradient = layer.outputGradient();
    }
    states = new NetworkStates(network.spec().cell(), layers);
    readout = new Readout(network, team, below, belowGradient, rows);
  }

  /// T
  public int steps() {
    return steps;
  }

  /// B
  public int batch() {
    return batch;
  }

  /// The input of all steps `[T*B, I]`: to be filled before [#forward()] if the network takes vectors.
  public Matrix input() {
    return inputRows;
  }

  /// The output of layer `layer` at all steps `[T*B, H]`.
  public Matrix output(int layer) {
    return layers.get(layer).output().rows(steps * batch);
  }

  /// net_y of all steps `[T*B, K]`, after [#forward]; replaced by the scaled error signals delta_out by
  /// [#loss].
  public Matrix logits() {
    return readout.logits;
  }

  /// The loss of each step and sequence, E_t of sequence b at t*B + b, after [#loss].
  public double[] losses() {
    return readout.losses();
  }

  /// The derivative of the loss with respect to the input `[T*B, I]`, after [#backward].
  public Matrix inputGradient() {
    return inputGradientRows;
  }

  /// The derivative of the loss with respect to the initial state, after [#backward].
  public State initialStateGradient() {
    return states.copy(UnrolledLayer::initialStateGradient);
  }

  /// A copy of the state after the last step.
  public State finalState() {
    return states.copy(UnrolledLayer::finalState);
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

  /// Runs all steps on the vectors in [#input].
  public void forward() {
    if (embedding != null) {
      throw new IllegalStateException("the network takes tokens: call forward(tokens, from)");
    }
    run();
  }

  /// Runs all steps on tokens: the one of step t, sequence b is `tokens[from + t*B + b]`. [#backward] reads
  /// them again.
  public void forward(int[] tokens, int from) {
    if (embedding == null) {
      throw new IllegalStateException("the network takes vectors: fill input() and call forward()");
    }
    this.tokens = tokens;
    tokensFrom = from;
    kernels.gather(embedding, tokens, from, inputRows);
    run();
  }

  private void run() {
    phase = Phase.STARTED;
    network.weights().refresh(team);
    for (int l = 0; l < layers.size(); l++) {
      layers.get(l).forward();
    }
    readout.forward();
    phase = Phase.HAS_LOGITS;
  }

  /// The softmax cross-entropy with the right class of step t, sequence b at `targets[from + t*B + b]`.
  ///
  /// @return the sum of all E_t, or their average, as `reduction` says; the gradients that [#backward] adds
  ///     are those of this number
  public double loss(int[] targets, int from, Reduction reduction) {
    int rows = steps * batch;
    if (from < 0 || targets.length - from < rows) {
      throw new IllegalArgumentException(
          "targets: expected T*B=%d from %d on, got a length of %d"
              .formatted(rows, from, targets.length));
    }
    expectLogits();
    return sum(reduction, readout.loss(targets, from, reduction.scale(rows)));
  }

  /// The softmax cross-entropy with a distribution over the classes for each step and sequence, `[T*B, K]`.
  ///
  /// @return as [#loss(int[], int, Reduction)]
  public double loss(Matrix targets, Reduction reduction) {
    int rows = steps * batch;
    int classes = network.spec().classes();
    if (targets.rows() != rows || targets.cols() != classes) {
      throw new IllegalArgumentException(
          "targets: expected [T*B=%d, K=%d], got [%d, %d]"
              .formatted(rows, classes, targets.rows(), targets.cols()));
    }
    expectLogits();
    return sum(reduction, readout.loss(targets, reduction.scale(rows)));
  }

  private void expectLogits() {
    expect(Phase.HAS_LOGITS, "loss: expected a forward pass since the last loss or start");
    phase = Phase.STARTED;
  }

  private double sum(Reduction reduction, double[] losses) {
    phase = Phase.HAS_LOSS;
    double sum = 0;
    for (double loss : losses) {
      sum += loss;
    }
    return sum * reduction.scale(losses.length);
  }

  /// Follows the error of all steps back to all steps before and adds the derivatives of the loss with
  /// respect to all parameters to `gradients`.
  public void backward(Parameters gradients) {
    expectLoss("backward");
    if (this.gradients == null || !this.gradients.isOf(gradients)) {
      this.gradients = new NetworkGradients(network, gradients);
    }
    readout.backward(this.gradients);
    for (int l = layers.size() - 1; l >= 0; l--) {
      layers.get(l).backward(this.gradients.ofLayer(l));
    }
    if (embedding != null) {
      kernels.scatterAdd(inputGradientRows, tokens, tokensFrom, this.gradients.embedding());
    }
  }

  /// What each E_t alone sends back: its error signals in all layers and its own gradients of all
  /// parameters, after [#loss]. One pass back for each t: O(T^2) in time and memory. Replaces [#backward].
  public ErrorSignals errorSignals() {
    expectLoss("errorSignals");
    Matrix signals = readout.logits;
    Matrix all = NetworkStates.copyOf(signals);
    long step = (long) batch * signals.cols();
    List<List<List<Matrix>>> deltas = new ArrayList<>();
    List<Parameters> gradients = new ArrayList<>();
    for (int t = 0; t < steps; t++) {
      signals.buffer().clear();
      signals.buffer().copy(all.buffer(), t * step, t * step, step);
      Parameters own = network.parameters().zeros();
      backward(own);
      gradients.add(own);
      deltas.add(layers.stream().map(this::copyOfSignals).toList());
    }
    signals.buffer().copy(all.buffer(), 0, 0, all.buffer().length());
    return new ErrorSignals(deltas, network.weights().layers.getFirst().groups(), gradients);
  }

  private List<Matrix> copyOfSignals(UnrolledLayer layer) {
    List<Matrix> copies = new ArrayList<>();
    for (int g = 0; g < network.weights().layers.getFirst().groups().size(); g++) {
      copies.add(NetworkStates.copyOf(layer.errorSignals(g).rows(steps * batch)));
    }
    return copies;
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
