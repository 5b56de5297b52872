package dev.unfold.formats.onnx.write;

import dev.unfold.cell.Expr;
import dev.unfold.cell.Layout;
import dev.unfold.formats.onnx.message.AttributeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes a layer as one RNN, GRU or LSTM, both directions at once.
final class NativeWriter {
  private final GraphWriter graph;
  private final NativeCell operator;
  private final List<LayerNumbers> directions;
  private final String prefix;

  /// @param directions the parameters of each direction
  NativeWriter(
      GraphWriter graph, NativeCell operator, List<LayerNumbers> directions, String prefix) {
    this.graph = graph;
    this.operator = operator;
    this.directions = directions;
    this.prefix = prefix;
  }

  /// Writes it.
  ///
  /// @param input the sequence that the layer reads `[T, B, I]`
  /// @param initial the states before the first step `[B, H]`; empty for zeros
  /// @return the states after the last step `[B, H]`, if they came in, and the sequence of outputs
  List<String> write(String input, List<String> initial) {
    List<String> inputs = new ArrayList<>(List.of(input, w(), r(), b(), ""));
    boolean isLstm = operator.operator().equals("LSTM");
    for (String state : initial) {
      inputs.add(graph.node("Unsqueeze", state + ".stacked", List.of(state, graph.integers(0))));
    }
    if (!operator.peepholes().isEmpty()) {
      while (inputs.size() < 7) {
        inputs.add("");
      }
      inputs.add(p());
    }
    List<String> wishes = new ArrayList<>(List.of(prefix + ".all"));
    if (!initial.isEmpty()) {
      wishes.add(prefix + ".h.stacked");
      if (isLstm) {
        wishes.add(prefix + ".c.stacked");
      }
    }
    List<String> outputs =
        graph.nodes(
            operator.operator(), wishes, inputs, attributes().toArray(AttributeProto[]::new));
    List<String> results = new ArrayList<>();
    for (String stacked : outputs.subList(1, outputs.size())) {
      results.add(graph.node("Squeeze", stacked + ".last", List.of(stacked, graph.integers(0))));
    }
    results.add(sideBySide(outputs.getFirst()));
    return results;
  }

  /// Outputs `[T, D, B, H]` as `[T, B, D H]`.
  private String sideBySide(String all) {
    String wish = prefix + ".outputs";
    if (directions.size() == 1) {
      return graph.node("Squeeze", wish, List.of(all, graph.integers(1)));
    }
    String transposed =
        graph.node(
            "Transpose",
            prefix + ".transposed",
            List.of(all),
            GraphWriter.integerList("perm", 0, 2, 1, 3));
    return graph.node("Reshape", wish, List.of(transposed, graph.integers(0, 0, 2L * hidden())));
  }

  private int hidden() {
    return directions.getFirst().sizes().hidden();
  }

  private List<AttributeProto> attributes() {
    List<AttributeProto> all = new ArrayList<>();
    all.add(GraphWriter.integer("hidden_size", hidden()));
    if (directions.size() > 1) {
      all.add(GraphWriter.text("direction", "bidirectional"));
    }
    operator
        .activation()
        .ifPresent(name ->
            all.add(
                GraphWriter.textList(
                    "activations", directions.stream().map(each -> name).toList())));
    if (operator.isResetAfter()) {
      all.add(GraphWriter.integer("linear_before_reset", 1));
    }
    return all;
  }

  private String w() {
    int inputs = directions.getFirst().sizes().input();
    int rows = operator.gates().size() * hidden();
    float[] all =
        stacked(
            directions.stream()
                .map(each -> rows(each, matrices(each, true), operator.gates(), inputs))
                .toList());
    return graph.floats(prefix + ".W", all, directions.size(), rows, inputs);
  }

  private String r() {
    int rows = operator.recurrent().size() * hidden();
    float[] all =
        stacked(
            directions.stream()
                .map(each -> rows(each, matrices(each, false), operator.recurrent(), hidden()))
                .toList());
    return graph.floats(prefix + ".R", all, directions.size(), rows, hidden());
  }

  private String b() {
    float[] all =
        stacked(
            directions.stream()
                .map(each ->
                    stacked(
                        List.of(
                            rows(each, biases(each, true), operator.gates(), 1),
                            rows(each, biases(each, false), operator.recurrent(), 1))))
                .toList());
    boolean isZero = true;
    for (float number : all) {
      isZero &= number == 0;
    }
    return isZero
        ? ""
        : graph.floats(prefix + ".B", all, directions.size(), all.length / directions.size());
  }

  private String p() {
    float[] all =
        stacked(
            directions.stream()
                .flatMap(each -> operator.peepholes().stream().map(each::numbers))
                .toList());
    return graph.floats(prefix + ".P", all, directions.size(), all.length / directions.size());
  }

  /// The rows of each affine map in the matrices of the input, or of what depends on the state.
  private static Map<String, float[]> matrices(LayerNumbers numbers, boolean isOfInput) {
    Map<String, float[]> byMap = new HashMap<>();
    for (Layout.Operand operand : numbers.layout().operands()) {
      if (operand.dependsOnState() == isOfInput) {
        continue;
      }
      float[] all = numbers.numbers(operand.weight());
      int width = numbers.width(operand);
      int from = 0;
      for (Expr.Affine affine : operand.affines()) {
        int count = numbers.rows(affine) * width;
        byMap.put(affine.name(), Arrays.copyOfRange(all, from, from + count));
        from += count;
      }
    }
    return byMap;
  }

  private static Map<String, float[]> biases(LayerNumbers numbers, boolean isOfInput) {
    Map<String, float[]> byMap = new HashMap<>();
    for (Layout.Operand operand : numbers.layout().operands()) {
      if (operand.dependsOnState() != isOfInput) {
        numbers
            .biases(operand)
            .forEach((name, own) -> {
              float[] rounded = new float[own.length];
              for (int i = 0; i < own.length; i++) {
                rounded[i] = (float) own[i];
              }
              byMap.put(name, rounded);
            });
      }
    }
    return byMap;
  }

  /// The rows of the maps `order` one after the other; 0 for one that is not there.
  private float[] rows(
      LayerNumbers numbers, Map<String, float[]> byMap, List<String> order, int width) {
    int count = numbers.sizes().hidden() * width;
    return stacked(order.stream().map(name -> byMap.getOrDefault(name, new float[count])).toList());
  }

  private static float[] stacked(List<float[]> parts) {
    float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }
}
