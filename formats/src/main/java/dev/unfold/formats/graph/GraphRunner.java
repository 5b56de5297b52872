package dev.unfold.formats.graph;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Runs a graph as the definitions of its operators say, number by number.
///
/// **Math**: floating-point numbers are computed in double, and rounded to the type of a tensor when they are stored in
/// it: after each operator, and for each state of a recurrent one at each step.
///
/// **Memory**: all values of a run at once, eight bytes a number. The size of each is checked before it is made.
///
/// **Threads**: any number may run it at once.
///
/// **Errors**: [IllegalArgumentException] that names the node, what it expected and what came.
public final class GraphRunner {
  /// How many numbers a tensor may have if nothing else is said.
  public static final long MOST = 1 << 26;

  private final Graph graph;
  private final long most;

  /// For tensors of up to [#MOST] numbers.
  public GraphRunner(Graph graph) {
    this(graph, MOST);
  }

  /// @param most how many numbers a tensor may have at most
  ///
  /// **Errors**: [IllegalArgumentException] if the graph is not whole, as [GraphCheck] says.
  public GraphRunner(Graph graph, long most) {
    this.graph = Expect.given("graph", graph);
    this.most = most;
    GraphCheck.expectWhole(graph);
  }

  /// The graph that it runs.
  public Graph graph() {
    return graph;
  }

  /// How many numbers a tensor may have.
  long most() {
    return most;
  }

  /// Runs it.
  ///
  /// @param inputs a tensor for each input, by name
  /// @return a tensor for each output, in the graph's order
  public Map<String, GraphTensor> run(Map<String, GraphTensor> inputs) {
    Expect.given("inputs", inputs);
    Set<String> known = new HashSet<>();
    for (ValueInfo input : graph.inputs()) {
      known.add(input.name());
      GraphTensor tensor = inputs.get(input.name());
      if (tensor == null || !input.admits(tensor) || tensor.count() > most) {
        throw new Refusal("input " + input.name(), input, tensor == null ? "none" : tensor);
      }
    }
    for (String name : inputs.keySet()) {
      if (!known.contains(name)) {
        throw new Refusal("inputs", "one of " + graph.inputs(), name);
      }
    }
    List<GraphTensor> results = run(graph, inputs, new Scope(null, most));
    Map<String, GraphTensor> outputs = new LinkedHashMap<>();
    for (int o = 0; o < results.size(); o++) {
      outputs.put(graph.outputs().get(o).name(), results.get(o));
    }
    return outputs;
  }

  static List<GraphTensor> run(Graph graph, Map<String, GraphTensor> inputs, Scope outer) {
    Scope scope = new Scope(outer, outer.most());
    scope.putAll(graph.constants());
    scope.putAll(inputs);
    for (Node node : graph.nodes()) {
      List<GraphTensor> results = run(node, scope);
      for (int o = 0; o < node.outputs().size(); o++) {
        scope.put(node.outputs().get(o), results.get(o));
      }
    }
    return graph.outputs().stream().map(output -> scope.get(output.name())).toList();
  }

  private static List<GraphTensor> run(Node node, Scope scope) {
    List<GraphTensor> inputs = new ArrayList<>();
    for (String input : node.inputs()) {
      inputs.add(input.isEmpty() ? null : scope.get(input));
    }
    return run(node, inputs, scope);
  }

  static List<GraphTensor> run(Node node, List<GraphTensor> inputs, Scope scope) {
    Call call = new Call(node, inputs, scope);
    List<GraphTensor> results = Operators.named(node.operator()).action().run(call);
    if (results.size() < node.outputs().size()) {
      throw call.refuse(
          "outputs", "at most " + results.size() + " for these inputs", node.outputs().size());
    }
    return results;
  }
}
