package dev.unfold.formats.graph;

import dev.unfold.argument.Refusal;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Whether a graph can be run at all: every operator is known, every name is there before it is read, and no two values
/// of one graph have the same. A value of a body may have the name of one around it, which it then hides.
public final class GraphCheck {
  /// How deep graphs may lie in nodes of others.
  public static final int DEEPEST = 8;

  private GraphCheck() {}

  /// Checks a graph.
  ///
  /// **Errors**: [IllegalArgumentException] that names the node, and what is wrong with it.
  public static void expectWhole(Graph graph) {
    check(graph, null, 0);
  }

  /// The names of a graph, and those around it.
  private record Names(Names outer, Set<String> own) {
    boolean has(String name) {
      return own.contains(name) || (outer != null && outer.has(name));
    }

    void add(String what, String name) {
      if (name.isEmpty() || !own.add(name)) {
        throw new Refusal(what, "a name that no other value has", name);
      }
    }
  }

  private static void check(Graph graph, Names around, int depth) {
    if (depth > DEEPEST) {
      throw new Refusal("graph", "bodies at most " + DEEPEST + " deep", "more");
    }
    Names names = new Names(around, new HashSet<>());
    for (ValueInfo input : graph.inputs()) {
      names.add("input", input.name());
    }
    for (String constant : graph.constants().keySet()) {
      names.add("constant", constant);
    }
    for (Node node : graph.nodes()) {
      expectKnown(node);
      for (String input : node.inputs()) {
        if (!input.isEmpty() && !names.has(input)) {
          throw new Refusal(node.title() + ": inputs", "values made before it", input);
        }
      }
      for (Map.Entry<String, Graph> body : node.bodies().entrySet()) {
        check(body.getValue(), names, depth + 1);
      }
      for (String output : node.outputs()) {
        if (!output.isEmpty()) {
          names.add(node.title(), output);
        }
      }
    }
    if (graph.outputs().isEmpty()) {
      throw new Refusal("graph", "an output or more", "none");
    }
    Names outputs = new Names(null, new HashSet<>());
    for (ValueInfo output : graph.outputs()) {
      if (!names.has(output.name())) {
        throw new Refusal("output", "a value that is made", output.name());
      }
      if (depth == 0) {
        outputs.add("output", output.name());
      }
    }
  }

  private static void expectKnown(Node node) {
    Operator operator = Operators.named(node.operator());
    if (operator == null) {
      throw new Refusal(node.title(), "an operator that is known here", node.operator());
    }
    int inputs = node.inputs().size();
    if (inputs < operator.leastInputs() || inputs > operator.mostInputs()) {
      String most = operator.mostInputs() == Operator.MANY ? "more" : "" + operator.mostInputs();
      throw new Refusal(
          node.title() + ": inputs", "%d to %s".formatted(operator.leastInputs(), most), inputs);
    }
    int outputs = node.outputs().size();
    if (outputs < 1 || outputs > operator.mostOutputs()) {
      throw new Refusal(node.title() + ": outputs", "1 to " + operator.mostOutputs(), outputs);
    }
  }
}
