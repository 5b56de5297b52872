package dev.unfold.formats.onnx.write;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Sizes;
import dev.unfold.formats.exchange.ExportOptions;
import dev.unfold.formats.onnx.message.GraphProto;
import dev.unfold.head.Head;
import dev.unfold.kernels.Kernels;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkHead;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Wiring;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Writes a network as a graph: its encoder, its layers, its heads.
///
/// Sequences are `[T, B, ..]`, T steps of B sequences of one length, both of which may differ from call to call.
///
/// | input | shape | |
/// |---|---|---|
/// | `tokens` | `[T, B]` | token numbers, if the network reads tokens |
/// | `input` | `[T, B, I]` | numbers, if it reads these |
/// | `category.c` | `[T, B]` | the c-th category, if it reads rows of a table |
/// | `state.l0.h` | `[B, H]` | a state before the first step; it comes out as `state.l0.h.next` |
final class NetworkWriter {
  /// What the name of a state's next value ends with.
  static final String NEXT = ".next";

  private final Network network;
  private final NetworkSpec spec;
  private final GraphWriter graph;
  private final Function<Cell, Optional<NativeCell>> operators;
  private final boolean hasStates;
  private final Map<String, Integer> states = new LinkedHashMap<>();
  private String first = "";

  /// @param opset the version of the operators
  /// @param states whether states come in and go out; they do not of networks that need the whole sequence
  NetworkWriter(Network network, int opset, ExportOptions.States states) {
    this(network, opset, states, checked(network.kernels(), opset));
  }

  /// @param operators which operator is a cell by itself
  NetworkWriter(
      Network network,
      int opset,
      ExportOptions.States states,
      Function<Cell, Optional<NativeCell>> operators) {
    this.network = network;
    this.operators = operators;
    spec = network.spec();
    graph = new GraphWriter("unfold", opset);
    hasStates = states == ExportOptions.States.IO && isStepwise(spec);
  }

  /// Those whose equations are the cell's, text by text, and which gave the same numbers when both were run.
  private static Function<Cell, Optional<NativeCell>> checked(Kernels kernels, int opset) {
    Map<Cell, Optional<NativeCell>> known = new HashMap<>();
    return cell ->
        known.computeIfAbsent(
            cell,
            one ->
                NativeCell.of(one)
                    .filter(operator -> new NativeCheck(kernels, opset).agrees(operator, one)));
  }

  /// Whether a network can go on from a state: no layer and no head needs the whole sequence, as paths of tags do.
  static boolean isStepwise(NetworkSpec spec) {
    return spec.directions() == 1
        && spec.head().isOfSteps()
        && spec.heads().stream().noneMatch(own -> own.head() instanceof Head.Tags);
  }

  /// The names of the states that come in, with how many numbers each has.
  Map<String, Integer> states() {
    return Collections.unmodifiableMap(states);
  }

  /// Writes it.
  GraphProto write() {
    String sequence = encoder();
    for (int l = 0; l < spec.layers(); l++) {
      sequence = layer(l, sequence);
    }
    for (NetworkHead head : spec.heads()) {
      new HeadWriter(graph, network, head).write(sequence, spec.outputSize());
    }
    states.forEach(
        (state, width) -> graph.output(state + NEXT, GraphWriter.Kind.FLOAT, "B", width));
    return graph.build();
  }

  private String encoder() {
    List<String> tables = Network.embeddings(spec.encoder());
    return switch (spec.encoder()) {
      case Encoder.Embedding embedding -> {
        first = input("tokens", GraphWriter.Kind.INT64, Optional.empty());
        yield lookUp(tables.getFirst(), embedding, first);
      }
      case Encoder.Vectors vectors -> {
        first = input("input", GraphWriter.Kind.FLOAT, Optional.of(vectors.width()));
        yield first;
      }
      case Encoder.Columns columns -> {
        List<String> parts = new ArrayList<>();
        if (columns.numbers() > 0) {
          first = input("input", GraphWriter.Kind.FLOAT, Optional.of(columns.numbers()));
          parts.add(first);
        }
        for (int c = 0; c < tables.size(); c++) {
          String category = input("category." + c, GraphWriter.Kind.INT64, Optional.empty());
          first = first.isEmpty() ? category : first;
          parts.add(lookUp(tables.get(c), columns.categories().get(c), category));
        }
        yield parts.size() == 1
            ? parts.getFirst()
            : graph.node("Concat", "row", parts, GraphWriter.integer("axis", -1));
      }
    };
  }

  private String input(String wish, GraphWriter.Kind kind, Optional<Integer> width) {
    String name = graph.name(wish);
    if (width.isPresent()) {
      graph.input(name, kind, "T", "B", width.get());
    } else {
      graph.input(name, kind, "T", "B");
    }
    return name;
  }

  private String lookUp(String table, Encoder.Embedding sizes, String numbers) {
    String weight =
        graph.floats(
            table,
            LayerNumbers.numbers(network.parameters().matrix(table)),
            sizes.vocabulary(),
            sizes.width());
    return graph.node(
        "Gather", "embedded", List.of(weight, numbers), GraphWriter.integer("axis", 0));
  }

  private String layer(int l, String input) {
    LayerSpec layer = spec.stack().get(l);
    Cell cell = spec.noise().mean(layer.cell());
    Sizes sizes = layer.sizes(spec.inputSize(l));
    List<LayerNumbers> directions =
        Network.suffixes(spec, l).stream()
            .map(suffix -> new LayerNumbers(cell, sizes, network.parameters(), suffix))
            .toList();
    String prefix = "l" + l;
    String output = outputs(cell, sizes, directions, prefix, input);
    if (layer.has(Wiring.RESIDUAL)) {
      output = graph.node("Add", prefix + ".residual", List.of(output, input));
    }
    // A name that is the same whatever the layer is made of, for whoever compares layer by layer.
    return graph.node("Identity", prefix + ".output", List.of(output));
  }

  private String outputs(
      Cell cell, Sizes sizes, List<LayerNumbers> directions, String prefix, String input) {
    List<String> initial = hasStates ? stateInputs(cell, sizes, prefix) : List.of();
    Optional<NativeCell> operator = operators.apply(cell);
    if (operator.isPresent()) {
      List<String> results =
          new NativeWriter(graph, operator.get(), directions, prefix).write(input, initial);
      return keepStates(initial, results);
    }
    List<String> outputs = new ArrayList<>();
    for (int d = 0; d < directions.size(); d++) {
      String own = d == 0 ? prefix : prefix + "_reverse";
      List<String> from = hasStates ? initial : zeros(cell, sizes);
      List<String> results =
          new CellWriter(graph, cell, directions.get(d), own, input).write(from, d == 1);
      outputs.add(hasStates ? keepStates(initial, results) : results.getLast());
    }
    return outputs.size() == 1
        ? outputs.getFirst()
        : graph.node("Concat", prefix + ".both", outputs, GraphWriter.integer("axis", -1));
  }

  private List<String> stateInputs(Cell cell, Sizes sizes, String prefix) {
    List<String> names = new ArrayList<>();
    for (Cell.Recurrence recurrence : cell.recurrences()) {
      String name = graph.name("state.%s.%s".formatted(prefix, recurrence.state().name()));
      int width = sizes.of(recurrence.state().size());
      graph.input(name, GraphWriter.Kind.FLOAT, "B", width);
      names.add(name);
      states.put(name, width);
    }
    return names;
  }

  /// Names the states after the last step, and gives back the outputs.
  private String keepStates(List<String> initial, List<String> results) {
    for (int i = 0; i < initial.size(); i++) {
      graph.assign("Identity", initial.get(i) + NEXT, List.of(results.get(i)));
    }
    return results.getLast();
  }

  /// States of zeros, as many as the input has sequences.
  private List<String> zeros(Cell cell, Sizes sizes) {
    String shape = graph.node("Shape", "shape", List.of(first));
    String batch =
        graph.node(
            "Slice",
            "batch",
            List.of(shape, graph.integers(1), graph.integers(2), graph.integers(0)));
    List<String> states = new ArrayList<>();
    for (Cell.Recurrence recurrence : cell.recurrences()) {
      String width = graph.integers(sizes.of(recurrence.state().size()));
      String sizesOf =
          graph.node(
              "Concat", "state.shape", List.of(batch, width), GraphWriter.integer("axis", 0));
      states.add(graph.node("ConstantOfShape", "zeros", List.of(sizesOf)));
    }
    return states;
  }
}
