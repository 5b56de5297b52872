package dev.unfold.proof;

import dev.unfold.cell.Cell;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What golden cases forward in time have in common: a network of one layer, a batch, the states before it.
final class TangentCase {
  /// The fields that it reads, or that say what others say too.
  static final List<String> FIELDS =
      List.of(
          "name",
          "cell",
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
          "algorithm",
          "states_after",
          "logits",
          "errors",
          "loss");

  final GoldenNetwork network;
  final int steps;
  final int batch;

  /// S
  final int states;

  final Reduction reduction = Reduction.SUM;
  final double loss;
  final GoldenTensor logits;

  /// `[T, B, S]`
  final GoldenTensor statesAfter;

  private final GoldenTensor input;
  private final int[] targets;
  private final List<GoldenTensor> initial = new ArrayList<>();

  TangentCase(GoldenCase golden, String... own) {
    List<String> fields = new ArrayList<>(FIELDS);
    fields.addAll(Arrays.asList(own));
    golden.expectOnly(fields.toArray(String[]::new));
    network = GoldenNetwork.read(golden);
    steps = golden.size("T");
    batch = golden.size("B");
    states = golden.size("S");
    if (!golden.text("loss_reduction").equals("sum")) {
      throw new Unsupported("loss_reduction: there is no " + golden.text("loss_reduction"));
    }
    loss = golden.number("loss");
    int classes = network.spec().outputs();
    logits = golden.tensor("logits", steps, batch, classes);
    statesAfter = golden.tensor("states_after", steps, batch, states);
    input = golden.tensor("input", steps, batch, network.spec().encoder().width());
    targets = golden.indices("targets", classes, steps, batch);
    for (Cell.Recurrence recurrence : network.spec().cell().recurrences()) {
      int width = network.sizes().of(recurrence.state().size());
      initial.add(golden.tensor(recurrence.state().name() + "0", 1, batch, width));
    }
  }

  Inputs inputs(Kernels kernels) {
    return new Inputs.Vectors(input.toMatrix(kernels.precision()));
  }

  Batch batch(Kernels kernels) {
    return Batch.of(steps, batch, inputs(kernels), new Targets.Classes(targets, 0));
  }

  State start(Network built) {
    State start = built.zeroState(batch);
    for (int s = 0; s < initial.size(); s++) {
      Matrix state = start.layers().getFirst().get(s);
      initial.get(s).copyTo(state);
    }
    return start;
  }
}
