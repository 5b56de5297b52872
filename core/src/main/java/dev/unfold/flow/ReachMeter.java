package dev.unfold.flow;

import dev.unfold.argument.Refusal;
import dev.unfold.gradient.Footprint;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.sequence.Batch;
import dev.unfold.unroll.UnrolledNetwork;
import dev.unfold.unroll.tape.NetworkStates;
import dev.unfold.unroll.tape.Tape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Measures a [Reach] more than once.
///
/// # How
///
/// All errors go back together, lag by lag. After k steps back the error of step t is at t - k: in a network unrolled
/// over one step with T B sequences, in which row t*B + b is step t of sequence b and starts from the state before that
/// step. So a lag is one pass back over one step, whose derivatives with respect to the states before it, shifted by B
/// rows, arrive at those after it in the next. What each pass adds to the gradients is what its lag gives, exactly;
/// starting from the negative of the whole gradient, what is there after lag k is g_k - g, and no difference of large
/// numbers is taken.
///
/// **Cost**: for a batch T passes back over (T - k) B rows: about a third of T training steps.
///
/// **Memory**: twice [Footprint#of] for T steps of B sequences; kept from measurement to measurement.
///
/// **Threads**: one caller at a time; the result is the same for any team, bit for bit.
public final class ReachMeter {
  private final Network network;
  private final Kernels kernels;
  private final int steps;
  private final int size;
  private final Parameters gradients;

  /// g_k - g
  private final Parameters rest;

  /// What is measured: all parameters, then those of each layer.
  private final List<List<Matrix>> parts = new ArrayList<>();

  /// The same of g.
  private final List<List<Matrix>> wholes = new ArrayList<>();

  /// Null for layers of both directions.
  private final UnrolledNetwork whole;

  /// One step of T B sequences.
  private final UnrolledNetwork step;

  /// The states before all steps; and the derivatives on their way from one step to the one before.
  private final State states;

  private final State arriving;

  /// A meter for T steps of B sequences.
  public ReachMeter(Network network, Team team, int steps, int batch) {
    this.network = network;
    this.steps = steps;
    kernels = network.kernels();
    size = batch;
    if (network.spec().directions() > 1) {
      gradients = null;
      rest = null;
      whole = null;
      step = null;
      states = null;
      arriving = null;
      return;
    }
    gradients = network.parameters().zeros();
    rest = network.parameters().zeros();
    whole = UnrolledNetwork.of(network, team, steps, batch);
    step = UnrolledNetwork.of(network, team, 1, Math.multiplyExact(steps, batch));
    states = whole.tape().states.beforeAllSteps();
    arriving = step.tape().states.zeros();
    addParts(gradients, wholes);
    addParts(rest, parts);
  }

  private void addParts(Parameters of, List<List<Matrix>> to) {
    to.add(List.of(of.all()));
    for (int l = 0; l < network.spec().layers(); l++) {
      to.add(network.weights().ofLayer(l, of).getFirst());
    }
  }

  static void expectSome(List<Batch> batches) {
    if (batches.isEmpty()) {
      throw new Refusal("batches", "at least one", "none");
    }
  }

  /// Measures on `batches`, each from a state of zeros.
  ///
  /// **Errors**: [IllegalArgumentException] for no batches, for one of another size, if sequences have not all T steps,
  /// or if the loss is not one of each step.
  public Reach measure(List<Batch> batches) {
    expectSome(batches);
    batches.forEach(this::check);
    if (whole == null) {
      return new Reach(steps, size, List.of(), List.of());
    }
    double[][][] errors = new double[parts.size()][steps][batches.size()];
    for (int b = 0; b < batches.size(); b++) {
      measure(batches.get(b), errors, b);
    }
    List<List<Estimate>> all =
        Arrays.stream(errors).map(part -> Arrays.stream(part).map(Estimate::of).toList()).toList();
    List<Reach.Layer> layers =
        IntStream.range(1, all.size())
            .mapToObj(l -> new Reach.Layer("l" + (l - 1), all.get(l)))
            .toList();
    return new Reach(steps, size, all.getFirst(), layers);
  }

  private void check(Batch batch) {
    if (batch.steps() != steps || batch.batch() != size) {
      throw new Refusal(
          "batch",
          "T=%d steps of B=%d sequences".formatted(steps, size),
          "%d of %d".formatted(batch.steps(), batch.batch()));
    }
    if (batch.present().isPresent()) {
      throw new Refusal("batch", "sequences that all have T steps", "shorter ones");
    }
    if (!batch.targets().isOfSteps() || !network.spec().head().isOfSteps()) {
      throw new Refusal("batch", "a loss of each step", "one of sequences");
    }
  }

  /// @param errors for each part and lag, where those of batch `index` go
  private void measure(Batch batch, double[][][] errors, int index) {
    gradients.buffer().clear();
    whole.startFromZero();
    whole.loss(batch, Reduction.SUM);
    whole.backward(gradients);
    double[] norms = wholes.stream().mapToDouble(this::norm).toArray();
    kernels.prepare(Pointwise.of(Op.NEGATE)).run(new Matrix[] {rest.all(), gradients.all()});
    Tape tape = step.tape();
    NetworkStates.clear(arriving);
    step.start(states);
    step.loss(Batch.of(1, steps * size, batch.inputs(), batch.targets()), Reduction.SUM);
    tape.states.setLastGradient(arriving);
    step.backward(rest);
    for (int lag = 0; lag < steps - 1; lag++) {
      for (int part = 0; part < norms.length; part++) {
        double left = norm(parts.get(part));
        errors[part][lag][index] = left == 0 ? 0 : left / norms[part];
      }
      tape.states.copyInitialGradient(arriving);
      shift();
      hold((steps - 1 - lag) * size);
      tape.states.setLastGradient(arriving);
      tape.backward.fromStates(rest);
    }
    // At lag T - 1 nothing is cut; what is there is rounding.
  }

  private double norm(List<Matrix> part) {
    return Math.sqrt(part.stream().mapToDouble(kernels::sumOfSquares).sum());
  }

  /// What arrives before step t + 1 is what arrives after step t.
  private void shift() {
    for (List<Matrix> ofLayer : arriving.layers()) {
      for (Matrix state : ofLayer) {
        for (int row = size; row < state.rows(); row++) {
          state.copyRow(state, row, row - size);
        }
      }
    }
  }

  /// Lets the first `rows` rows go on: at the steps after them no error is that far from its own.
  private void hold(int rows) {
    boolean[] present = new boolean[steps * size];
    Arrays.fill(present, 0, rows, true);
    step.tape().packedRows.set(present);
    step.tape().states.arrange();
  }
}
