package dev.unfold.proof;

import dev.unfold.cell.Cell;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.dynamic.DynamicEvaluation;
import dev.unfold.train.dynamic.DynamicRule;
import dev.unfold.train.dynamic.GradientScale;
import dev.unfold.train.dynamic.Learned;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Dynamic evaluation: segments of which each is predicted before it is learned from.
final class DynamicSegments implements GoldenProof {
  private final GoldenNetwork network;
  private final int steps;
  private final int segment;
  private final double rate;
  private final double decay;
  private final boolean isScaled;
  private final double epsilon;
  private final Map<String, GoldenTensor> scale;
  private final GoldenTensor input;
  private final int[] targets;
  private final double[] losses;
  private final double[] lengths;
  private final double loss;
  private final double unchanged;
  private final GoldenTensor biases;
  private final Map<String, GoldenTensor> finalParameters;
  private final GoldenTensor finalState;

  /// For each state, in the cell's order, `[B, H]` before step 0.
  private final List<GoldenTensor> initial = new ArrayList<>();

  DynamicSegments(GoldenCase golden) {
    golden.expectOnly(
        "name",
        "cell",
        "algorithm",
        "T",
        "B",
        "I",
        "H",
        "K",
        "S",
        "states",
        "loss_reduction",
        "params",
        "input",
        "targets",
        "h0",
        "c0",
        "segment",
        "rate",
        "decay",
        "update",
        "segment_losses",
        "segment_steps",
        "loss_per_step",
        "static_loss_per_step",
        "head_bias_after",
        "final_params",
        "final_state",
        "epsilon",
        "root_mean_squares");
    if (golden.size("B") != 1) {
      throw new Unsupported("field B: expected one stream");
    }
    network = GoldenNetwork.read(golden);
    steps = golden.size("T");
    segment = golden.size("segment");
    rate = golden.number("rate");
    decay = golden.number("decay");
    isScaled =
        switch (golden.text("update")) {
          case "sgd" -> false;
          case "rms" -> true;
          default -> throw new Unsupported("field update: there is no " + golden.text("update"));
        };
    epsilon = isScaled ? golden.number("epsilon") : 0;
    scale = isScaled ? golden.tensors("root_mean_squares") : Map.of();
    input = golden.tensor("input", steps, 1, network.spec().encoder().width());
    targets = golden.indices("targets", network.spec().outputs(), steps, 1);
    losses = golden.numbers("segment_losses");
    lengths = golden.numbers("segment_steps");
    loss = golden.number("loss_per_step");
    unchanged = golden.number("static_loss_per_step");
    biases = golden.tensor("head_bias_after", losses.length, network.spec().outputs());
    finalParameters = golden.tensors("final_params");
    finalState = golden.tensor("final_state", 1, golden.size("S"));
    for (Cell.Recurrence recurrence : network.spec().cell().recurrences()) {
      int hidden = network.sizes().of(recurrence.state().size());
      initial.add(golden.tensor(recurrence.state().name() + "0", 1, 1, hidden));
    }
  }

  @Override
  public String kind() {
    return isScaled ? "dynamic rms" : "dynamic sgd";
  }

  private DynamicRule rule(Network built) {
    if (!isScaled) {
      return new DynamicRule.Sgd(rate, decay);
    }
    Parameters values = built.parameters().zeros();
    scale.forEach((name, tensor) -> tensor.copyTo(values.matrix(name)));
    return new DynamicRule.Rms(rate, decay, new GradientScale(values), epsilon);
  }

  private Batch batch(int from, int length, Kernels kernels) {
    Matrix vectors = input.parts(from, from + length).toMatrix(kernels.precision());
    return Batch.of(length, 1, new Inputs.Vectors(vectors), new Targets.Classes(targets, from));
  }

  @Override
  public void run(Kernels kernels, Comparison comparison) {
    Network built = network.build(kernels);
    State start =
        new State(
            List.of(
                initial.stream()
                    .map(state -> state.part(0).toMatrix(kernels.precision()))
                    .toList()));
    DynamicEvaluation dynamic =
        new DynamicEvaluation(built, rule(built), Learned.ALL, segment, Team.of(1));
    // A first pass, which is forgotten.
    dynamic.segment(batch(0, Math.min(segment, steps), kernels));
    dynamic.restart();
    dynamic.start(start);
    double sum = 0;
    int from = 0;
    for (int s = 0; s < losses.length; s++) {
      int length = (int) lengths[s];
      double own = dynamic.segment(batch(from, length, kernels));
      comparison.compare("segment " + s, losses[s], own / length);
      comparison.compare(
          "head.bias after segment " + s,
          biases.part(s),
          dynamic.network().parameters().matrix("head.bias"));
      sum += own;
      from += length;
    }
    comparison.compare("loss", loss, sum / steps);
    GoldenNetwork.compare(
        "final_params", finalParameters, dynamic.network().parameters(), comparison);
    comparison.compare("final_state", finalState.data(), numbers(dynamic.state()));
    compareUnchanged(built, start, kernels, comparison);
  }

  /// Without learning, for which no step is small enough but one that is lost in rounding.
  private void compareUnchanged(
      Network built, State start, Kernels kernels, Comparison comparison) {
    DynamicEvaluation still =
        new DynamicEvaluation(
            built, new DynamicRule.Sgd(1e-300, 0), Learned.ALL, steps, Team.of(1));
    still.start(start);
    comparison.compare(
        "static_loss_per_step", unchanged, still.segment(batch(0, steps, kernels)) / steps);
  }

  private static double[] numbers(State state) {
    return state.layers().getFirst().stream()
        .flatMapToDouble(
            own -> IntStream.range(0, own.cols()).mapToDouble(c -> Numbers.get(own, 0, c)))
        .toArray();
  }
}
