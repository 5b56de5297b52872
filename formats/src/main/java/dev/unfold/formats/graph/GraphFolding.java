package dev.unfold.formats.graph;

import dev.unfold.argument.Expect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/// A simpler graph with the same results: what depends on constants alone is computed once, a branch whose condition is
/// known takes the place of its node, and what nobody reads is left out.
public final class GraphFolding {
  /// Operators that are not run while a graph is read: they may take long.
  private static final Set<String> LONG =
      Set.of("MatMul", "Gemm", "Conv", "ConvTranspose", "RNN", "GRU", "LSTM", "Scan", "If");

  private static final long FREE = 1 << 16;

  /// How often a number may be read or made, on an average; such work is done on top of [#FREE_WORK].
  private static final long READS = 16;

  private static final long FREE_WORK = 1 << 24;

  private int inlined;
  private long left;
  private long work;

  private GraphFolding(long numbers) {
    left = 4 * numbers + FREE;
    work = READS * numbers + FREE_WORK;
  }

  /// The same graph with some of its inputs fixed.
  ///
  /// @param values the tensors of these inputs, by name
  public static Graph bound(Graph graph, Map<String, GraphTensor> values) {
    Map<String, GraphTensor> constants = new LinkedHashMap<>(graph.constants());
    constants.putAll(Expect.given("values", values));
    List<ValueInfo> inputs =
        graph.inputs().stream().filter(input -> !values.containsKey(input.name())).toList();
    return new Graph(inputs, graph.outputs(), constants, graph.nodes());
  }

  /// A simpler graph.
  ///
  /// **Memory**: its constants take at most some times what they took before, and so does the work on them.
  public static Graph folded(Graph graph) {
    Known none = new Known(null, Map.of(), Set.of());
    Graph folded = used(new GraphFolding(graph.numbers()).fold(graph, none));
    try {
      GraphCheck.expectWhole(folded);
      return folded;
    } catch (IllegalArgumentException e) {
      // Names of a branch that hide others may not fit where the branch was put.
      return graph;
    }
  }

  /// Constants of a graph and of those around it.
  ///
  /// @param made what is made by the nodes of the graph, which may hide a constant around it
  private record Known(Known outer, Map<String, GraphTensor> own, Set<String> made) {
    GraphTensor get(String name) {
      GraphTensor value = own.get(name);
      boolean isHidden = made.contains(name);
      return value == null && outer != null && !isHidden ? outer.get(name) : value;
    }
  }

  private Graph fold(Graph graph, Known outer) {
    Map<String, GraphTensor> constants = new LinkedHashMap<>(graph.constants());
    Set<String> made = new HashSet<>();
    graph.inputs().forEach(input -> made.add(input.name()));
    graph.nodes().forEach(node -> made.addAll(node.outputs()));
    Known known = new Known(outer, constants, made);
    List<Node> nodes = new ArrayList<>();
    add(graph.nodes(), constants, known, nodes);
    return new Graph(graph.inputs(), graph.outputs(), constants, nodes);
  }

  private void add(
      List<Node> from, Map<String, GraphTensor> constants, Known known, List<Node> to) {
    for (Node node : from) {
      GraphTensor condition =
          node.operator().equals("If") ? known.get(node.inputs().getFirst()) : null;
      if (condition != null && condition.count() == 1) {
        String branch = condition.whole(0) != 0 ? "then_branch" : "else_branch";
        if (node.attributes().get(branch) instanceof Attribute.Body body
            && body.graph().outputs().size() >= node.outputs().size()) {
          inline(node, body.graph(), constants, known, to);
          continue;
        }
      }
      if (!computed(node, known, constants)) {
        to.add(withBodies(node, body -> fold(body, known)));
      }
    }
  }

  /// Puts the nodes of a branch in the place of their node, under names of their own.
  private void inline(
      Node node, Graph branch, Map<String, GraphTensor> constants, Known known, List<Node> to) {
    String prefix = "branch" + inlined++ + ".";
    Map<String, String> names = new HashMap<>();
    branch
        .constants()
        .forEach((name, tensor) -> {
          names.put(name, prefix + name);
          constants.put(prefix + name, tensor);
        });
    for (Node inner : branch.nodes()) {
      Map<String, String> outputs = new HashMap<>();
      inner.outputs().forEach(name -> outputs.put(name, name.isEmpty() ? "" : prefix + name));
      Node renamed = renamed(inner, names, outputs);
      names.putAll(outputs);
      add(List.of(renamed), constants, known, to);
    }
    for (int o = 0; o < node.outputs().size(); o++) {
      String made = branch.outputs().get(o).name();
      Node identity =
          new Node(
              "",
              "Identity",
              List.of(names.getOrDefault(made, made)),
              List.of(node.outputs().get(o)),
              Map.of());
      if (!node.outputs().get(o).isEmpty()) {
        add(List.of(identity), constants, known, to);
      }
    }
  }

  private static Node renamed(Node node, Map<String, String> names, Map<String, String> ofOutputs) {
    Map<String, Attribute> attributes = new HashMap<>(node.attributes());
    node.bodies()
        .forEach((key, body) -> attributes.put(key, new Attribute.Body(renamed(body, names))));
    return new Node(
        node.name(),
        node.operator(),
        node.inputs().stream().map(name -> names.getOrDefault(name, name)).toList(),
        node.outputs().stream().map(name -> ofOutputs.getOrDefault(name, name)).toList(),
        attributes);
  }

  /// A body keeps its own names.
  private static Graph renamed(Graph body, Map<String, String> names) {
    Map<String, String> around = new HashMap<>(names);
    body.inputs().forEach(input -> around.remove(input.name()));
    around.keySet().removeAll(body.constants().keySet());
    List<Node> nodes = new ArrayList<>();
    for (Node node : body.nodes()) {
      nodes.add(renamed(node, around, Map.of()));
      node.outputs().forEach(around::remove);
    }
    List<ValueInfo> outputs =
        body.outputs().stream()
            .map(output ->
                new ValueInfo(
                    around.getOrDefault(output.name(), output.name()),
                    output.type(),
                    output.shape()))
            .toList();
    return new Graph(body.inputs(), outputs, body.constants(), nodes);
  }

  private boolean computed(Node node, Known known, Map<String, GraphTensor> constants) {
    if (LONG.contains(node.operator())) {
      return false;
    }
    List<GraphTensor> inputs = new ArrayList<>();
    long count = 0;
    for (String name : node.inputs()) {
      GraphTensor input = name.isEmpty() ? null : known.get(name);
      if (input == null && !name.isEmpty()) {
        return false;
      }
      inputs.add(input);
      count += input == null ? 0 : input.count();
    }
    if (count > work) {
      return false;
    }
    work -= count;
    try {
      long most = Math.min(left, count + FREE);
      List<GraphTensor> results = GraphRunner.run(node, inputs, new Scope(null, most));
      for (int o = 0; o < node.outputs().size(); o++) {
        left -= results.get(o).count();
        work -= results.get(o).count();
        if (!node.outputs().get(o).isEmpty()) {
          constants.put(node.outputs().get(o), results.get(o));
        }
      }
      return true;
    } catch (IllegalArgumentException e) {
      // It is refused when it is run, if it ever is.
      return false;
    }
  }

  private static Node withBodies(Node node, UnaryOperator<Graph> change) {
    Map<String, Graph> bodies = node.bodies();
    if (bodies.isEmpty()) {
      return node;
    }
    Map<String, Attribute> attributes = new HashMap<>(node.attributes());
    bodies.forEach((key, body) -> attributes.put(key, new Attribute.Body(change.apply(body))));
    return new Node(node.name(), node.operator(), node.inputs(), node.outputs(), attributes);
  }

  private static Graph used(Graph graph) {
    Set<String> read = new HashSet<>();
    graph.outputs().forEach(output -> read.add(output.name()));
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes().reversed()) {
      if (node.outputs().stream().anyMatch(read::contains)) {
        Node lean = withBodies(node, GraphFolding::used);
        nodes.add(lean);
        read.addAll(lean.inputs());
        lean.bodies().values().forEach(body -> read.addAll(body.names()));
      }
    }
    Map<String, GraphTensor> constants = new LinkedHashMap<>();
    graph
        .constants()
        .forEach((name, tensor) -> {
          if (read.contains(name)) {
            constants.put(name, tensor);
          }
        });
    return new Graph(graph.inputs(), graph.outputs(), constants, nodes.reversed());
  }
}
