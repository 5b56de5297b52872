package dev.unfold.formats.graph.layers;

import dev.unfold.formats.graph.Attribute;
import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.graph.Node;
import dev.unfold.formats.graph.layers.Traced.Flow;
import dev.unfold.formats.graph.layers.Traced.Kept;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Follows Scan, if its body is the equations of a cell.
final class ScanTracer {
  private final Tracer around;

  ScanTracer(Tracer around) {
    this.around = around;
  }

  private static long[] list(Node node, String key, int count) {
    long[] list = new long[count];
    if (node.attributes().get(key) instanceof Attribute.Wholes given
        && given.values().size() == count) {
      Arrays.setAll(list, i -> given.values().get(i));
    }
    return list;
  }

  /// Empty if it is no layer of a cell here.
  List<Traced> results(Node node, List<Traced> inputs) {
    if (!(node.attributes().get("body") instanceof Attribute.Body body)
        || !(node.attributes().get("num_scan_inputs") instanceof Attribute.Whole scanned)
        || scanned.value() < 1
        || scanned.value() > inputs.size()) {
      return List.of();
    }
    Graph step = body.graph();
    int states = (int) (inputs.size() - scanned.value());
    int outputs = step.outputs().size() - states;
    if (states < 1
        || states >= inputs.size()
        || outputs < 0
        || step.inputs().size() != inputs.size()) {
      return List.of();
    }
    int sequences = inputs.size() - states;
    long[] along = list(node, "scan_input_axes", sequences);
    long[] directions = list(node, "scan_input_directions", sequences);
    long[] alongOutputs = list(node, "scan_output_axes", outputs);
    long[] outputDirections = list(node, "scan_output_directions", outputs);
    boolean isBack = directions[0] != 0;
    boolean isAlike =
        Arrays.stream(directions).allMatch(one -> one != 0 == isBack)
            && Arrays.stream(outputDirections).allMatch(one -> one != 0 == isBack);
    if (!isAlike) {
      return List.of();
    }
    Tracer inner = new Tracer(around.formulas(), around);
    int time = -1;
    List<Integer> axes = List.of();
    for (int i = 0; i < sequences; i++) {
      if (!(inputs.get(states + i) instanceof Flow flow)
          || along[i] != 0
          || flow.axes().size() < 2
          || (i > 0 && !flow.axes().equals(axes))) {
        return List.of();
      }
      axes = flow.axes();
      time = axes.getFirst();
      inner.put(step.inputs().get(states + i).name(), flow.with(axes.subList(1, axes.size())));
    }
    List<Formula> before = new ArrayList<>();
    for (int s = 0; s < states; s++) {
      if (!Tracer.isKept(inputs.get(s)) && !Tracer.isZero(inputs.get(s))) {
        return List.of();
      }
      int width = width(step, s);
      if (width < 1) {
        return List.of();
      }
      String name = step.inputs().get(s).name();
      Formula leaf = around.formulas().leaf(new Formula.Before(name), width);
      before.add(leaf);
      inner.put(name, new Flow(axes.subList(1, axes.size()), leaf));
    }
    inner.follow(step);
    List<Formula> after = new ArrayList<>();
    for (int o = 0; o < step.outputs().size(); o++) {
      if (!(inner.get(step.outputs().get(o).name()) instanceof Flow flow)) {
        return List.of();
      }
      after.add(flow.formula());
    }
    List<Traced> results = new ArrayList<>();
    for (int s = 0; s < states; s++) {
      results.add(new Kept());
    }
    for (int o = 0; o < outputs; o++) {
      Optional<Run> run =
          alongOutputs[o] != 0
              ? Optional.empty()
              : CellMatcher.match(before, after.subList(0, states), after.get(states + o), isBack);
      List<Integer> all = new ArrayList<>(List.of(time));
      all.addAll(axes.subList(1, axes.size()));
      Formula own = after.get(states + o);
      results.add(
          run.map(found ->
                  (Traced)
                      new Flow(all, around.formulas().leaf(new Formula.Output(found), own.width())))
              .orElse(null));
    }
    return results;
  }

  /// How many numbers a state has; 0 if the body does not say.
  private static int width(Graph step, int s) {
    return step.inputs()
        .get(s)
        .shape()
        .or(() -> step.outputs().get(s).shape())
        .filter(shape -> !shape.isEmpty() && shape.getLast().isFixed())
        .map(shape -> shape.getLast().size())
        .orElse(0);
  }
}
