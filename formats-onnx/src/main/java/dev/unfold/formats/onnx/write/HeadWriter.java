package dev.unfold.formats.onnx.write;

import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.head.LearnedNegativeBinomial;
import dev.unfold.head.LearnedStudentT;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.Quantiles;
import dev.unfold.head.SeveralHeads;
import dev.unfold.head.ValueLoss;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkHead;
import java.util.ArrayList;
import java.util.List;

/// Writes a readout and what its outputs say.
///
/// | head | beside `output`, which is net_y |
/// |---|---|
/// | classes, labels | `probabilities` |
/// | sets | `probabilities` of each number |
/// | values | `prediction`; of a distribution its parameters; `quantiles` `[.., N, Q]` |
/// | tags | `tags`, the best path |
final class HeadWriter {
  private final GraphWriter graph;
  private final Network network;
  private final NetworkHead own;
  private final String prefix;
  private final List<Object> rows;

  HeadWriter(GraphWriter graph, Network network, NetworkHead own) {
    this.graph = graph;
    this.network = network;
    this.own = own;
    prefix = own.part().map(part -> part.name() + ".").orElse("");
    rows = own.head().pooled().isPresent() ? List.of((Object) "B") : List.of((Object) "T", "B");
  }

  /// Writes it on the output of the last layer, `width` numbers a step.
  void write(String hidden, int width) {
    String vector =
        own.head().pooled().map(pooling -> pooled(pooling, hidden, width)).orElse(hidden);
    String net = readout(vector, own.name(Head.WEIGHT), own.name(Head.BIAS), own.outputs(), width);
    if (plain() instanceof FactoredClasses factored) {
      net = factored(factored, vector, net, width);
    }
    String output = put("output", "Identity", List.of(net), own.outputs());
    switch (plain()) {
      case Head.Classes _, Head.Labels _ ->
          put("probabilities", "Softmax", List.of(output), own.outputs());
      case FactoredClasses _ -> put("probabilities", "Exp", List.of(output), own.outputs());
      case Head.Sets _ -> put("probabilities", "Sigmoid", List.of(output), own.outputs());
      case Head.Values values -> values(values, output);
      case Head.Tags tags -> new PathWriter(graph, network, own, prefix).write(output, tags.tags());
      case PooledHead _, SeveralHeads _ -> throw new IllegalStateException("a head within another");
    }
  }

  private Head plain() {
    return own.head() instanceof PooledHead pooled ? pooled.head() : own.head();
  }

  private String readout(String vector, String weight, String bias, int rows, int width) {
    String matrix;
    if (weight.equals(Network.EMBEDDING)) {
      matrix =
          graph.node(
              "Transpose",
              weight + ".transposed",
              List.of(weight),
              GraphWriter.integerList("perm", 1, 0));
    } else {
      float[] numbers = LayerNumbers.numbers(network.parameters().matrix(weight));
      matrix = graph.floats(weight, LayerNumbers.transposed(numbers, rows, width), width, rows);
    }
    String product = graph.node("MatMul", prefix + "product", List.of(vector, matrix));
    if (!own.hasBias()) {
      return product;
    }
    float[] numbers = LayerNumbers.numbers(network.parameters().matrix(bias));
    return graph.node("Add", prefix + "net", List.of(product, graph.floats(bias, numbers, rows)));
  }

  private String pooled(Pooling pooling, String hidden, int width) {
    String wish = prefix + "pooled";
    return switch (pooling) {
      case LAST ->
          graph.node(
              "Squeeze",
              wish,
              List.of(
                  graph.node(
                      "Slice",
                      prefix + "last",
                      List.of(
                          hidden,
                          graph.integers(-1),
                          graph.integers(Integer.MAX_VALUE),
                          graph.integers(0))),
                  graph.integers(0)));
      case MEAN -> Reductions.along(graph, "ReduceMean", wish, hidden, 0, 0);
      case MAX -> Reductions.along(graph, "ReduceMax", wish, hidden, 0, 0);
      case ATTENTION -> {
        String name = own.name(PooledHead.ATTENTION);
        float[] numbers = LayerNumbers.numbers(network.parameters().matrix(name));
        String scores =
            graph.node(
                "MatMul",
                prefix + "scores",
                List.of(hidden, graph.floats(name, numbers, width, 1)));
        String shares =
            graph.node(
                "Softmax", prefix + "attention", List.of(scores), GraphWriter.integer("axis", 0));
        String weighed = graph.node("Mul", prefix + "weighed", List.of(shares, hidden));
        yield Reductions.along(graph, "ReduceSum", wish, weighed, 0, 0);
      }
    };
  }

  /// The logarithms of probabilities: of the group, and of the class within it.
  private String factored(FactoredClasses factored, String vector, String net, int width) {
    int groups = factored.groups();
    int size = factored.groupSize();
    int padding = groups * size - factored.classes();
    String ofGroups =
        readout(vector, FactoredClasses.GROUP_WEIGHT, FactoredClasses.GROUP_BIAS, groups, width);
    String full =
        padding == 0
            ? net
            : graph.node(
                "Pad",
                prefix + "padded",
                List.of(net, graph.integers(0, 0, 0, 0, 0, padding), graph.scalar(-1e30)));
    String grouped =
        graph.node(
            "Reshape", prefix + "grouped", List.of(full, graph.integers(0, 0, groups, size)));
    String within =
        graph.node(
            "LogSoftmax", prefix + "within", List.of(grouped), GraphWriter.integer("axis", -1));
    String among =
        graph.node(
            "LogSoftmax", prefix + "among", List.of(ofGroups), GraphWriter.integer("axis", -1));
    String spread = graph.node("Unsqueeze", prefix + "spread", List.of(among, graph.integers(-1)));
    String sum = graph.node("Add", prefix + "both", List.of(within, spread));
    String flat =
        graph.node(
            "Reshape", prefix + "flat", List.of(sum, graph.integers(0, 0, (long) groups * size)));
    return padding == 0
        ? flat
        : graph.node(
            "Slice",
            prefix + "classes",
            List.of(
                flat, graph.integers(0), graph.integers(factored.classes()), graph.integers(-1)));
  }

  private void values(Head.Values values, String output) {
    int count = values.numbers();
    ValueLoss loss = values.loss();
    switch (loss) {
      case ValueLoss.SquaredError _,
          ValueLoss.AbsoluteError _,
          ValueLoss.Huber _,
          ValueLoss.Quantile _ ->
          put("prediction", "Identity", List.of(output), count);
      case ValueLoss.SigmoidCrossEntropy _ ->
          put("probabilities", "Sigmoid", List.of(output), count);
      case ValueLoss.Gaussian _ -> {
        put("prediction", "Identity", List.of(part(output, 0, count)), count);
        String half =
            graph.node("Mul", prefix + "half", List.of(part(output, 1, count), graph.scalar(0.5)));
        put("standard_deviation", "Exp", List.of(half), count);
      }
      case ValueLoss.StudentT _ -> location(output, count);
      case LearnedStudentT _ -> {
        location(output, count);
        String plus = graph.node("Softplus", prefix + "above", List.of(part(output, 2, count)));
        put("degrees", "Add", List.of(plus, graph.scalar(2)), count);
      }
      case ValueLoss.NegativeBinomial _ -> put("prediction", "Exp", List.of(output), count);
      case LearnedNegativeBinomial _ -> {
        put("prediction", "Exp", List.of(part(output, 0, count)), count);
        put("shape", "Exp", List.of(part(output, 1, count)), count);
      }
      case Quantiles quantiles -> quantiles(quantiles, output, count);
    }
  }

  private void location(String output, int count) {
    put("prediction", "Identity", List.of(part(output, 0, count)), count);
    put("scale", "Exp", List.of(part(output, 1, count)), count);
  }

  /// Output `index` of each number.
  private String part(String output, int index, int count) {
    return graph.node(
        "Slice",
        prefix + "part",
        List.of(
            output,
            graph.integers((long) index * count),
            graph.integers((index + 1L) * count),
            graph.integers(-1)));
  }

  /// Quantiles from the one in the middle outwards, each a softplus from its neighbour.
  private void quantiles(Quantiles quantiles, String output, int count) {
    int levels = quantiles.levels().size();
    int middle = levels / 2;
    String[] all = new String[levels];
    all[middle] = part(output, middle, count);
    put("prediction", "Identity", List.of(all[middle]), count);
    for (int q = middle + 1; q < levels; q++) {
      all[q] = graph.node("Add", prefix + "quantile", List.of(all[q - 1], step(output, q, count)));
    }
    for (int q = middle - 1; q >= 0; q--) {
      all[q] = graph.node("Sub", prefix + "quantile", List.of(all[q + 1], step(output, q, count)));
    }
    List<String> columns = new ArrayList<>();
    for (String each : all) {
      columns.add(graph.node("Unsqueeze", prefix + "column", List.of(each, graph.integers(-1))));
    }
    String name = graph.name(prefix + "quantiles");
    graph.assign("Concat", name, columns, GraphWriter.integer("axis", -1));
    List<Object> shape = new ArrayList<>(rows);
    shape.add(count);
    shape.add(levels);
    graph.output(name, GraphWriter.Kind.FLOAT, shape.toArray());
  }

  private String step(String output, int q, int count) {
    return graph.node("Softplus", prefix + "distance", List.of(part(output, q, count)));
  }

  /// Adds a node whose value is an output of the graph, `width` numbers a row.
  private String put(String name, String operator, List<String> inputs, int width) {
    String unique = graph.name(prefix + name);
    if (operator.equals("Softmax")) {
      graph.assign(operator, unique, inputs, GraphWriter.integer("axis", -1));
    } else {
      graph.assign(operator, unique, inputs);
    }
    List<Object> shape = new ArrayList<>(rows);
    shape.add(width);
    graph.output(unique, GraphWriter.Kind.FLOAT, shape.toArray());
    return unique;
  }
}
