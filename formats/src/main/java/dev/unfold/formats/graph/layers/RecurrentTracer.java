package dev.unfold.formats.graph.layers;

import dev.unfold.formats.graph.Attribute;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.Node;
import dev.unfold.formats.graph.layers.Traced.Fixed;
import dev.unfold.formats.graph.layers.Traced.Flow;
import dev.unfold.formats.graph.layers.Traced.Kept;
import dev.unfold.head.Pooling;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Follows RNN, GRU and LSTM.
final class RecurrentTracer {
  private static final int LENGTHS = 4;
  private static final int PEEPHOLES = 7;

  private final Formulas formulas;

  RecurrentTracer(Formulas formulas) {
    this.formulas = formulas;
  }

  /// Empty if it is no layer of a cell here, with weights that are always the same.
  List<Traced> results(Node node, List<Traced> inputs) {
    GraphTensor w = fixed(inputs, 1, 3);
    GraphTensor r = fixed(inputs, 2, 3);
    boolean isRead =
        inputs.getFirst() instanceof Flow flow && flow.axes().size() == 3 && flow.endsWithFeature();
    if (!isRead || w == null || r == null || w.size(0) != r.size(0) || !isStarted(node, inputs)) {
      return List.of();
    }
    int directions = r.size(0);
    GraphTensor b = fixed(inputs, 3, 2);
    GraphTensor p = fixed(inputs, PEEPHOLES, 2);
    boolean isBiased = isGiven(node, 3);
    boolean isSeeing = isGiven(node, PEEPHOLES);
    boolean fits =
        (!isBiased || (b != null && b.count() == 2 * directions * r.size(1)))
            && (!isSeeing || (p != null && p.count() == 3 * directions * r.size(2)))
            && directions == (isBoth(node) ? 2 : 1);
    Flow sequence = (Flow) inputs.getFirst();
    List<Formula> outputs = new ArrayList<>();
    boolean isBack = false;
    for (int d = 0; fits && d < directions; d++) {
      Optional<Run> run = new NativeRuns(node, w, r, b, p).run(d, sequence.formula());
      if (run.isEmpty()) {
        return List.of();
      }
      isBack |= run.get().isBack();
      outputs.add(formulas.leaf(new Formula.Output(run.get()), run.get().hidden()));
    }
    return fits ? results(node, sequence, outputs, isBack) : List.of();
  }

  private List<Traced> results(Node node, Flow sequence, List<Formula> outputs, boolean isBack) {
    Formula output = formulas.joined(outputs);
    int between = outputs.size() == 2 ? Traced.DIRECTION : Traced.ONE;
    boolean isBatchFirst =
        node.attributes().get("layout") instanceof Attribute.Whole whole && whole.value() != 0;
    int first = sequence.axes().get(0);
    int second = sequence.axes().get(1);
    List<Integer> all =
        isBatchFirst
            ? List.of(first, second, between, Traced.FEATURE)
            : List.of(first, between, second, Traced.FEATURE);
    Traced last =
        isBack
            ? new Kept()
            : new Flow(
                isBatchFirst
                    ? List.of(first, between, Traced.FEATURE)
                    : List.of(between, second, Traced.FEATURE),
                formulas.leaf(new Formula.Pooled(Pooling.LAST, output), output.width()));
    return List.of(new Flow(all, output), last, new Kept());
  }

  /// Whether all sequences have all steps, and begin with zeros or with states that somebody keeps.
  private static boolean isStarted(Node node, List<Traced> inputs) {
    boolean isStarted = !isGiven(node, LENGTHS);
    for (int i = LENGTHS + 1; i < PEEPHOLES; i++) {
      isStarted &=
          !isGiven(node, i) || Tracer.isKept(inputs.get(i)) || Tracer.isZero(inputs.get(i));
    }
    return isStarted;
  }

  private static boolean isGiven(Node node, int i) {
    return i < node.inputs().size() && !node.inputs().get(i).isEmpty();
  }

  private static boolean isBoth(Node node) {
    return node.attributes().get("direction") instanceof Attribute.Text text
        && text.value().equals("bidirectional");
  }

  private static GraphTensor fixed(List<Traced> inputs, int i, int rank) {
    return i < inputs.size()
            && inputs.get(i) instanceof Fixed fixed
            && fixed.tensor().rank() == rank
        ? fixed.tensor()
        : null;
  }
}
