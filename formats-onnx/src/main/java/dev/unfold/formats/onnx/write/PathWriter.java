package dev.unfold.formats.onnx.write;

import dev.unfold.head.Head;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkHead;
import java.util.List;

/// Writes Viterbi's algorithm as two Scans: forwards for the best score of each tag and the tag before it, backwards
/// along these.
final class PathWriter {
  private final GraphWriter graph;
  private final Network network;
  private final NetworkHead own;
  private final String prefix;

  PathWriter(GraphWriter graph, Network network, NetworkHead own, String prefix) {
    this.graph = graph;
    this.network = network;
    this.own = own;
    this.prefix = prefix;
  }

  /// Writes it on the emissions `[T, B, K]`.
  void write(String emissions, int tags) {
    String end = vector(Head.Tags.END, tags);
    List<String> forwards = forwards(emissions, tags);
    String last = graph.node("Add", prefix + "path.last", List.of(forwards.get(1), end));
    String path = backwards(best(graph, last, prefix + "path.best"), forwards.get(2), tags);
    String name = graph.name(prefix + "tags");
    graph.assign("Identity", name, List.of(path));
    graph.output(name, GraphWriter.Kind.INT64, "T", "B");
  }

  private String vector(String parameter, int tags) {
    String name = own.name(parameter);
    return graph.floats(name, LayerNumbers.numbers(network.parameters().matrix(name)), tags);
  }

  private static String best(GraphWriter in, String scores, String wish) {
    return in.node(
        "ArgMax",
        wish,
        List.of(scores),
        GraphWriter.integer("axis", -1),
        GraphWriter.integer("keepdims", 0));
  }

  /// The scores of all tags, step by step. A state that is 1 before the first step and 0 after it says where the scores
  /// of the start belong.
  ///
  /// @return that state, the scores after the last step `[B, K]`, and the best tag before each tag `[T, B, K]`, which
  ///     means nothing at the first step
  private List<String> forwards(String emissions, int tags) {
    // From tag i to tag j, in the order [j, i]: the best i is the largest of the last axis.
    String name = own.name(Head.Tags.TRANSITIONS);
    float[] pairs = LayerNumbers.numbers(network.parameters().matrix(name));
    String into = graph.floats(name, LayerNumbers.transposed(pairs, tags, tags), tags, tags);
    String start = vector(Head.Tags.START, tags);
    GraphWriter body = graph.body(prefix + "path.forwards");
    String first = graph.name(prefix + "path.first");
    String before = graph.name(prefix + "path.before");
    String emission = graph.name(prefix + "path.emission");
    body.input(first, GraphWriter.Kind.FLOAT, 1);
    body.input(before, GraphWriter.Kind.FLOAT, "B", tags);
    body.input(emission, GraphWriter.Kind.FLOAT, "B", tags);
    String spread =
        body.node("Unsqueeze", prefix + "path.spread", List.of(before, graph.integers(1)));
    String scores = body.node("Add", prefix + "path.scores", List.of(spread, into));
    String largest = Reductions.along(body, "ReduceMax", prefix + "path.largest", scores, -1, 0);
    String later = body.node("Sub", prefix + "path.later", List.of(graph.scalar(1), first));
    String ofStart = body.node("Mul", prefix + "path.of_start", List.of(start, first));
    String ofTag = body.node("Mul", prefix + "path.of_tag", List.of(largest, later));
    String sum = body.node("Add", prefix + "path.sum", List.of(ofStart, ofTag));
    String none = body.node("Sub", prefix + "path.none", List.of(first, first));
    String after = body.node("Add", prefix + "path.after", List.of(sum, emission));
    String from = best(body, scores, prefix + "path.from");
    body.output(none, GraphWriter.Kind.FLOAT, 1);
    body.output(after, GraphWriter.Kind.FLOAT, "B", tags);
    body.output(from, GraphWriter.Kind.INT64, "B", tags);
    String one = graph.floats(prefix + "path.one", new float[] {1}, 1);
    return graph.nodes(
        "Scan",
        List.of(prefix + "path.begun", prefix + "path.score", prefix + "path.origins"),
        List.of(one, zeros(emissions), emissions),
        GraphWriter.graph("body", body.build()),
        GraphWriter.integer("num_scan_inputs", 1));
  }

  /// `[B, K]`
  private String zeros(String emissions) {
    String shape = graph.node("Shape", prefix + "path.shape", List.of(emissions));
    String ofStep =
        graph.node(
            "Slice",
            prefix + "path.step_shape",
            List.of(shape, graph.integers(1), graph.integers(3), graph.integers(0)));
    return graph.node("ConstantOfShape", prefix + "path.zeros", List.of(ofStep));
  }

  /// @return the tags of all steps `[T, B]`
  private String backwards(String best, String origins, int tags) {
    GraphWriter body = graph.body(prefix + "path.backwards");
    String tag = graph.name(prefix + "path.tag");
    String from = graph.name(prefix + "path.origin");
    body.input(tag, GraphWriter.Kind.INT64, "B");
    body.input(from, GraphWriter.Kind.INT64, "B", tags);
    String column = body.node("Unsqueeze", prefix + "path.column", List.of(tag, graph.integers(1)));
    String taken =
        body.node(
            "GatherElements",
            prefix + "path.taken",
            List.of(from, column),
            GraphWriter.integer("axis", 1));
    String flat = body.node("Squeeze", prefix + "path.flat", List.of(taken, graph.integers(1)));
    String own = body.node("Identity", prefix + "path.own", List.of(tag));
    body.output(flat, GraphWriter.Kind.INT64, "B");
    body.output(own, GraphWriter.Kind.INT64, "B");
    return graph
        .nodes(
            "Scan",
            List.of(prefix + "path.begin", prefix + "path.tags"),
            List.of(best, origins),
            GraphWriter.graph("body", body.build()),
            GraphWriter.integer("num_scan_inputs", 1),
            GraphWriter.integerList("scan_input_directions", 1),
            GraphWriter.integerList("scan_output_directions", 1))
        .getLast();
  }
}
