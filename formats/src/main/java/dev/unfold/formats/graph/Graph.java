package dev.unfold.formats.graph;

import dev.unfold.argument.Expect;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Operations on tensors, each of which reads what is given or what those before it have made: what a model of another
/// program is that is not made of layers known here. Operators are ONNX's, by name and definition.
///
/// @param inputs what is given at each run
/// @param outputs what comes out
/// @param constants tensors by name, the same at each run
/// @param nodes the operations, in an order in which they can be done
public record Graph(
    List<ValueInfo> inputs,
    List<ValueInfo> outputs,
    Map<String, GraphTensor> constants,
    List<Node> nodes) {
  /// Copies the lists. Whether the names fit together is checked by who runs, reads or writes it.
  public Graph {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    constants =
        Collections.unmodifiableMap(new LinkedHashMap<>(Expect.given("constants", constants)));
    nodes = List.copyOf(nodes);
  }

  /// All names that its nodes, those of bodies, and its outputs read.
  public Set<String> names() {
    Set<String> names = new HashSet<>();
    outputs.forEach(output -> names.add(output.name()));
    for (Node node : nodes) {
      names.addAll(node.inputs());
      node.bodies().values().forEach(body -> names.addAll(body.names()));
    }
    return names;
  }

  /// How many numbers its constants have, those of bodies included.
  public long numbers() {
    long own = constants.values().stream().mapToLong(GraphTensor::count).sum();
    return own
        + nodes.stream()
            .flatMap(node -> node.bodies().values().stream())
            .mapToLong(Graph::numbers)
            .sum();
  }
}
