package dev.unfold.proof;

import dev.unfold.cell.Cell;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Softmax cross-entropy at every step, forward and back.
final class StepLosses implements GoldenProof {
  private final GoldenNetwork network;
  private final int steps;
  private final int batch;

  /// Null if all have T steps.
  private final int[] lengths;

  private final Reduction reduction;
  private final int[] targets;
  private final GoldenTensor input;
  private final GoldenTensor output;
  private final GoldenTensor logits;
  private final double loss;
  private final Map<String, GoldenTensor> gradients;
  private final GoldenTensor inputGradient;

  /// For each state, in the cell's order: `[L, B, H]` before step 0, after the last step, and the derivatives
  /// with respect to the first.
  private final List<GoldenTensor> initial = new ArrayList<>();

  private final List<GoldenTensor> last = new ArrayList<>();
  private final List<GoldenTensor> initialGradients = new ArrayList<>();

  StepLosses(GoldenCase golden) {
    golden.expectOnly(
        "name",
        "cell",
        "T",
        "B",
        "I",
        "H",
        "K",
        "lengths",
        "loss_reduction",
        "options",
        "params",
        "input",
        "targets",
        "h0",
        "c0",
        "output",
        "logits",
        "loss",
        "grads",
        "grad_input",
        "grad_h0",
        "grad_c0",
        "h_last",
        "c_last");
    steps = golden.size("T");
    batch = golden.size("B");
    lengths = golden.has("lengths") ? golden.indices("lengths", steps + 1, batch) : null;
    network = GoldenNetwork.read(golden);
    int units = network.spec().outputSize();
    int layers = states();
    int classes = network.spec().outputs();
    int width = network.spec().encoder().width();
    reduction =
        switch (golden.text("loss_reduction")) {
          case "sum" -> Reduction.SUM;
          case "mean" -> Reduction.MEAN;
          default ->
              throw new Unsupported("loss_reduction: there is no " + golden.text("loss_reduction"));
        };
    input = golden.tensor("input", steps, batch, width);
    targets = golden.indices("targets", classes, steps, batch);
    output = golden.tensor("output", steps, batch, units);
    logits = golden.tensor("logits", steps, batch, classes);
    loss = golden.number("loss");
    gradients = golden.tensors("grads");
    GoldenNetwork.expectShapes("grads", network.spec(), gradients);
    inputGradient = golden.tensor("grad_input", steps, batch, width);
    for (Cell.Recurrence recurrence : network.spec().cell().recurrences()) {
      String state = recurrence.state().name();
      int hidden = network.sizes().of(recurrence.state().size());
      initial.add(golden.tensor(state + "0", layers, batch, hidden));
      last.add(golden.tensor(state + "_last", layers, batch, hidden));
      initialGradients.add(golden.tensor("grad_" + state + "0", layers, batch, hidden));
    }
  }

  /// How many layers have states: each in each direction.
  private int states() {
    return network.spec().layers() * network.spec().directions();
  }

  /// The targets; none at steps that are not there.
  private int[] presentTargets() {
    int[] present = targets.clone();
    for (int row = 0; row < present.length; row++) {
      present[row] = isPresent(row) ? present[row] : Targets.NO_TARGET;
    }
    return present;
  }

  private boolean isPresent(int row) {
    return lengths == null || row / batch < lengths[row % batch];
  }

  /// PyTorch's padding puts an output of zeros into the readout at steps that are not there; the library computes none.
  private GoldenTensor presentLogits() {
    double[] present = logits.data().clone();
    int classes = network.spec().outputs();
    for (int i = 0; i < present.length; i++) {
      present[i] = isPresent(i / classes) ? present[i] : 0;
    }
    return new GoldenTensor(logits.shape(), present);
  }

  @Override
  public String kind() {
    return "step losses";
  }

  @Override
  public void run(Kernels kernels, Comparison comparison) {
    UnrolledNetwork unrolled = UnrolledNetwork.of(network.build(kernels), Team.of(1), steps, batch);
    if (lengths != null) {
      unrolled.lengths(lengths);
    }
    input.copyTo(unrolled.input());
    unrolled.start(initialState(kernels.precision()));
    unrolled.forward();
    int top = network.spec().layers() - 1;
    comparison.compare("output", output, unrolled.output(top));
    comparison.compare("logits", presentLogits(), unrolled.logits());
    compareStates("last", last, unrolled.finalState(), comparison);
    comparison.compare("loss", loss, unrolled.loss(presentTargets(), 0, reduction));
    Parameters got = network.build(kernels).parameters().zeros();
    unrolled.backward(got);
    GoldenNetwork.compare("grads", gradients, got, comparison);
    comparison.compare("grad_input", inputGradient, unrolled.inputGradient());
    compareStates("grad", initialGradients, unrolled.initialStateGradient(), comparison);
  }

  private State initialState(Precision precision) {
    List<List<Matrix>> layers = new ArrayList<>();
    for (int l = 0; l < states(); l++) {
      List<Matrix> states = new ArrayList<>();
      for (GoldenTensor state : initial) {
        states.add(state.part(l).toMatrix(precision));
      }
      layers.add(states);
    }
    return new State(layers);
  }

  private void compareStates(
      String name, List<GoldenTensor> expected, State got, Comparison comparison) {
    for (int s = 0; s < expected.size(); s++) {
      String state = network.spec().cell().states().get(s);
      for (int l = 0; l < states(); l++) {
        comparison.compare(
            name + " of " + state + " of layer " + l,
            expected.get(s).part(l),
            got.layers().get(l).get(s));
      }
    }
  }
}
