package dev.unfold.formats.exchange;

import dev.unfold.argument.Expect;
import dev.unfold.formats.exchange.ReferenceParity.Result;
import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.graph.GraphRunner;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.graph.StateNames;
import dev.unfold.formats.graph.ValueInfo;
import dev.unfold.formats.safetensors.FormatException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Whether a graph computes what another program did, whose arrays have the names of the graph's inputs and outputs, or
/// their places.
///
/// States that are not there are zeros, if their sizes are known. All other inputs must be there.
public final class GraphReferenceParity {
  private final Graph graph;
  private final Reference reference;

  private GraphReferenceParity(Graph graph, Reference reference) {
    this.graph = Expect.given("graph", graph);
    this.reference = Expect.given("reference", reference);
  }

  /// Compares a graph with a reference.
  ///
  /// **Errors**: [FormatException] if an array is missing, is none of the graph's, or has another shape.
  public static Result of(Graph graph, Reference reference) {
    return new GraphReferenceParity(graph, reference).result();
  }

  private Result result() {
    Map<String, GraphTensor> inputs = new LinkedHashMap<>();
    Map<String, Reference.Array> outputs = new LinkedHashMap<>();
    for (Reference.Array array : reference.arrays()) {
      Optional<ValueInfo> input = find(graph.inputs(), "input_", array);
      Optional<ValueInfo> output = find(graph.outputs(), "output_", array);
      if (input.isPresent()) {
        inputs.put(input.get().name(), as(input.get().type(), array));
      } else if (output.isPresent()) {
        outputs.put(output.get().name(), array);
      } else {
        throw new FormatException(
            "%s: expected arrays named as the inputs and outputs, %s and %s, got %s"
                .formatted(reference.file(), graph.inputs(), graph.outputs(), array.shown()));
      }
    }
    List<String> how = new ArrayList<>();
    Set<String> states = StateNames.of(graph).keySet();
    for (ValueInfo input : graph.inputs()) {
      if (!inputs.containsKey(input.name())) {
        if (!states.contains(input.name())) {
          throw missing(input);
        }
        inputs.put(input.name(), zeros(input));
        how.add("reference: %s begins at zero".formatted(input.name()));
      }
    }
    if (outputs.isEmpty()) {
      throw new FormatException(
          "%s: expected an array of what came out, one of %s, found none"
              .formatted(reference.file(), graph.outputs()));
    }
    Map<String, GraphTensor> results = new GraphRunner(graph).run(inputs);
    List<Parity.Row> rows = new ArrayList<>();
    outputs.forEach((name, array) -> {
      GraphTensor own = results.get(name);
      if (!own.shape().equals(array.numbers().shape())) {
        throw reference.misfit(array, own.toString());
      }
      rows.add(Parity.Row.of(name, array.numbers().reals(), own.reals(), Optional.empty()));
    });
    return new Result(rows, how, 0);
  }

  private static Optional<ValueInfo> find(
      List<ValueInfo> values, String kind, Reference.Array array) {
    return values.stream()
        .filter(value -> value.name().equals(array.name()))
        .findFirst()
        .or(() ->
            values.stream()
                .filter(value -> array.place().equals(kind + values.indexOf(value)))
                .findFirst());
  }

  private FormatException missing(ValueInfo input) {
    return new FormatException(
        "%s: expected an array for the input %s, found none".formatted(reference.file(), input));
  }

  private GraphTensor zeros(ValueInfo input) {
    boolean isFixed =
        input.shape().isPresent() && input.shape().get().stream().allMatch(size -> size.isFixed());
    if (!isFixed) {
      throw missing(input);
    }
    List<Integer> shape = input.shape().get().stream().map(size -> size.size()).toList();
    return GraphTensor.zeros(input.type().orElse(NumberType.FLOAT32), shape);
  }

  /// The same numbers in the type that an input has.
  private GraphTensor as(Optional<NumberType> type, Reference.Array array) {
    GraphTensor tensor = array.numbers();
    if (type.isEmpty() || type.get() == tensor.type()) {
      return tensor;
    }
    if (!type.get().isReal() && tensor.type().isReal()) {
      for (double number : tensor.reals()) {
        if (number != Math.rint(number) || Math.abs(number) > Integer.MAX_VALUE) {
          throw new FormatException(
              "%s: %s: expected whole numbers, got %s"
                  .formatted(reference.file(), array.shown(), number));
        }
      }
    }
    return type.get().isReal()
        ? GraphTensor.of(type.get(), tensor.shape(), tensor.reals())
        : GraphTensor.ofWholes(type.get(), tensor.shape(), tensor.wholes());
  }
}
