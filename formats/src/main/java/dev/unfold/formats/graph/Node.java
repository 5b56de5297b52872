package dev.unfold.formats.graph;

import dev.unfold.argument.Expect;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// One operation of a graph.
///
/// @param name for people; may be empty
/// @param operator what it does, as ONNX calls it
/// @param inputs names of values; empty for an optional one that is not given
/// @param outputs names of values; empty for one that nobody wants
/// @param attributes what else it says, by name
public record Node(
    String name,
    String operator,
    List<String> inputs,
    List<String> outputs,
    Map<String, Attribute> attributes) {
  /// Checks that they are given, and copies them.
  public Node {
    Expect.given("name", name);
    Expect.given("operator", operator);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attributes = Map.copyOf(attributes);
  }

  /// The attribute `key`, if there is one.
  public Optional<Attribute> attribute(String key) {
    return Optional.ofNullable(attributes.get(key));
  }

  /// The graphs that it runs, in the order of their names.
  public Map<String, Graph> bodies() {
    Map<String, Graph> bodies = new TreeMap<>();
    attributes.forEach((key, attribute) -> {
      if (attribute instanceof Attribute.Body body) {
        bodies.put(key, body.graph());
      }
    });
    return bodies;
  }

  /// How it is told from others: its name, or that of its first output, and its operator.
  public String title() {
    String shown = name;
    if (shown.isEmpty()) {
      shown = outputs.isEmpty() ? "" : outputs.getFirst();
    }
    return "node " + shown + " (" + operator + ")";
  }
}
