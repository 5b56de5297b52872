package dev.unfold.formats.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Operators that run graphs of their own.
final class ControlOperators {
  private ControlOperators() {}

  static void addTo(Map<String, Operator> all) {
    all.put("If", new Operator(1, 1, Operator.MANY, ControlOperators::branch));
    all.put("Scan", new Operator(1, Operator.MANY, Operator.MANY, ControlOperators::scan));
  }

  private static List<GraphTensor> branch(Call call) {
    GraphTensor condition = call.input(0);
    if (condition.type() != NumberType.BOOL || condition.count() != 1) {
      throw call.refuse("cond", "one bool", condition);
    }
    Graph body = call.body(condition.whole(0) != 0 ? "then_branch" : "else_branch");
    return GraphRunner.run(body, Map.of(), call.scope());
  }

  /// Runs a body over the steps of sequences, with states that go from step to step.
  private static List<GraphTensor> scan(Call call) {
    Graph body = call.body("body");
    long scanned = call.whole("num_scan_inputs", 0);
    if (scanned < 1 || scanned > call.inputCount() || body.inputs().size() != call.inputCount()) {
      throw call.refuse(
          "num_scan_inputs",
          "1 to %d, and a body of as many inputs as the node".formatted(call.inputCount()),
          scanned);
    }
    int states = call.inputCount() - (int) scanned;
    int outputs = body.outputs().size() - states;
    if (outputs < 0) {
      throw call.refuse("body", "an output for each of %d states".formatted(states), "fewer");
    }
    Steps[] read = new Steps[(int) scanned];
    long[] axes = list(call, "scan_input_axes", read.length);
    boolean[] isBack = backward(call, "scan_input_directions", read.length);
    for (int i = 0; i < read.length; i++) {
      GraphTensor sequence = call.input(states + i);
      read[i] = new Steps(sequence, call.axis(axes[i], sequence.rank()), isBack[i]);
      if (read[i].count() != read[0].count()) {
        throw call.refuse("inputs", "sequences of one length", read[i].count());
      }
    }
    List<GraphTensor> state = new ArrayList<>();
    for (int i = 0; i < states; i++) {
      state.add(call.input(i));
    }
    List<List<GraphTensor>> made = new ArrayList<>();
    for (int o = 0; o < outputs; o++) {
      made.add(new ArrayList<>());
    }
    for (int t = 0; t < read[0].count(); t++) {
      Map<String, GraphTensor> inputs = new HashMap<>();
      for (int i = 0; i < body.inputs().size(); i++) {
        GraphTensor value = i < states ? state.get(i) : read[i - states].step(t);
        inputs.put(body.inputs().get(i).name(), value);
      }
      List<GraphTensor> results = GraphRunner.run(body, inputs, call.scope());
      for (int i = 0; i < states; i++) {
        state.set(i, results.get(i));
      }
      for (int o = 0; o < outputs; o++) {
        made.get(o).add(results.get(states + o));
      }
    }
    long[] outAxes = list(call, "scan_output_axes", outputs);
    boolean[] isOutBack = backward(call, "scan_output_directions", outputs);
    List<GraphTensor> all = new ArrayList<>(state);
    for (int o = 0; o < outputs; o++) {
      ValueInfo info = body.outputs().get(states + o);
      all.add(
          made.get(o).isEmpty()
              ? none(call, info, outAxes[o])
              : stacked(call, made.get(o), outAxes[o], isOutBack[o]));
    }
    return all;
  }

  private static long[] list(Call call, String key, int count) {
    long[] list = call.wholes(key);
    if (list != null && list.length != count) {
      throw call.refuse(key, count + " numbers", list.length);
    }
    return list == null ? new long[count] : list;
  }

  private static boolean[] backward(Call call, String key, int count) {
    long[] list = list(call, key, count);
    boolean[] isBack = new boolean[count];
    for (int i = 0; i < count; i++) {
      isBack[i] = list[i] != 0;
    }
    return isBack;
  }

  /// A sequence, step by step.
  private record Steps(GraphTensor of, int axis, boolean isBack) {
    int count() {
      return of.size(axis);
    }

    GraphTensor step(int t) {
      int at = isBack ? count() - 1 - t : t;
      int[] shape = new int[of.rank() - 1];
      int[] strides = new int[shape.length];
      int[] own = Places.strides(of.sizes());
      for (int d = 0; d < shape.length; d++) {
        shape[d] = of.size(d < axis ? d : d + 1);
        strides[d] = own[d < axis ? d : d + 1];
      }
      return of.at(Places.of(shape, strides, at * own[axis]), shape);
    }
  }

  /// The output of no steps, if the body says what it is of each.
  private static GraphTensor none(Call call, ValueInfo output, long axis) {
    List<Dimension> step = output.shape().orElse(null);
    if (step == null || output.type().isEmpty() || !step.stream().allMatch(Dimension::isFixed)) {
      throw call.refuse("inputs", "a step or more where the body has no shapes", "none");
    }
    List<Integer> shape = new ArrayList<>(step.stream().map(Dimension::size).toList());
    shape.add(call.axis(axis, call.rank(step.size() + 1)), 0);
    return GraphTensor.zeros(output.type().get(), shape);
  }

  private static GraphTensor stacked(
      Call call, List<GraphTensor> steps, long axis, boolean isBack) {
    GraphTensor first = steps.getFirst();
    int at = call.axis(axis, first.rank() + 1);
    int[] shape = new int[first.rank() + 1];
    for (int d = 0; d < shape.length; d++) {
      shape[d] = d == at ? steps.size() : first.size(d < at ? d : d - 1);
    }
    int count = call.room(shape);
    int inner = Places.product(shape, at + 1, shape.length);
    double[] reals = new double[first.type().isReal() ? count : 0];
    long[] wholes = new long[first.type().isReal() ? 0 : count];
    for (int t = 0; t < steps.size(); t++) {
      GraphTensor step = steps.get(isBack ? steps.size() - 1 - t : t);
      if (step.type() != first.type() || !Arrays.equals(step.sizes(), first.sizes())) {
        throw call.refuse("body", "one shape at all steps", step + " and " + first);
      }
      for (int i = 0; i < step.count(); i++) {
        int place = (i / inner * steps.size() + t) * inner + i % inner;
        if (first.type().isReal()) {
          reals[place] = step.real(i);
        } else {
          wholes[place] = step.whole(i);
        }
      }
    }
    return first.type().isReal()
        ? GraphTensor.ofReals(first.type(), shape, reals)
        : GraphTensor.ofWholes(first.type(), shape, wholes);
  }
}
