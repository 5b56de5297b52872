package dev.unfold.formats.graph;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A graph run frame by frame: what comes out as the next value of a state goes in as that state at the next frame. All
/// states begin as zeros.
///
/// **Threads**: one at a time.
public final class GraphStream {
  private final GraphRunner runner;
  private final Map<String, String> states;
  private final Map<String, GraphTensor> now = new HashMap<>();

  /// One whose states are found by [StateNames].
  public GraphStream(Graph graph) {
    this(new GraphRunner(graph), StateNames.of(graph));
  }

  /// @param states the output that each state's next value is, by the input that the state is
  ///
  /// **Errors**: [IllegalArgumentException] for names that are no inputs or outputs.
  public GraphStream(GraphRunner runner, Map<String, String> states) {
    this.runner = Expect.given("runner", runner);
    this.states = Map.copyOf(Expect.given("states", states));
    this.states.forEach((input, output) -> {
      expectAmong(runner.graph().inputs(), input);
      expectAmong(runner.graph().outputs(), output);
    });
  }

  private static void expectAmong(List<ValueInfo> values, String name) {
    if (values.stream().noneMatch(value -> value.name().equals(name))) {
      throw new Refusal("states", "names among " + values, name);
    }
  }

  /// The output that each state's next value is, by the input that the state is.
  public Map<String, String> states() {
    return states;
  }

  /// Runs one frame.
  ///
  /// @param inputs all but the states; a state that is given takes the place of what is kept
  /// @return all outputs but those that are the next values of states
  public Map<String, GraphTensor> step(Map<String, GraphTensor> inputs) {
    Map<String, GraphTensor> all = new HashMap<>(now);
    all.putAll(inputs);
    for (ValueInfo input : runner.graph().inputs()) {
      if (states.containsKey(input.name()) && !all.containsKey(input.name())) {
        all.put(input.name(), zeros(input, sizes(inputs), runner.most()));
      }
    }
    Map<String, GraphTensor> outputs = new LinkedHashMap<>(runner.run(all));
    states.forEach((input, output) -> now.put(input, outputs.get(output)));
    outputs.keySet().removeAll(states.values());
    return outputs;
  }

  /// What a state is now, by its input; empty before the first frame.
  public Map<String, GraphTensor> now() {
    return Map.copyOf(now);
  }

  /// Begins again with zeros.
  public void reset() {
    now.clear();
  }

  /// The sizes of dimensions that have names, as the inputs have them.
  private Map<String, Integer> sizes(Map<String, GraphTensor> inputs) {
    Map<String, Integer> sizes = new HashMap<>();
    for (ValueInfo input : runner.graph().inputs()) {
      GraphTensor tensor = inputs.get(input.name());
      List<Dimension> shape = input.shape().orElse(List.of());
      if (tensor != null && shape.size() == tensor.rank()) {
        for (int d = 0; d < shape.size(); d++) {
          sizes.put(shape.get(d).name(), tensor.size(d));
        }
      }
    }
    sizes.remove("");
    return sizes;
  }

  /// A dimension that is not known is 1.
  private static GraphTensor zeros(ValueInfo state, Map<String, Integer> sizes, long most) {
    List<Integer> shape = new ArrayList<>();
    for (Dimension dimension : state.shape().orElse(List.of())) {
      shape.add(dimension.isFixed() ? dimension.size() : sizes.getOrDefault(dimension.name(), 1));
    }
    int[] asked = shape.stream().mapToInt(Integer::intValue).toArray();
    if (GraphTensor.count(asked) > most) {
      throw new Refusal("state " + state.name(), "at most " + most + " numbers", "shape " + shape);
    }
    return GraphTensor.zeros(state.type().orElse(NumberType.FLOAT32), shape);
  }
}
