package dev.unfold.formats.exchange;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.formats.graph.Dimension;
import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.graph.GraphRunner;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.graph.ValueInfo;
import dev.unfold.head.SeveralHeads;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.sequence.Inputs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// Whether a graph is the same function as a network, or as another graph, on the same input. Only outputs can be
/// compared: what is within a graph has no agreed names.
public final class GraphParity {
  private static final long SEED = 64;
  private static final int STEPS = 64;
  private static final int BATCH = 2;

  private GraphParity() {}

  /// Compares a network with a graph that reads what it reads: tokens as the first input of whole numbers, numbers
  /// `[T, B, ..]` as the first of floats, all other inputs zero.
  ///
  /// @return a row for the first output of as many numbers, one for each of several heads
  ///
  /// **Errors**: [IllegalArgumentException] if there is no such input or output.
  public static List<Parity.Row> of(Network network, Graph graph, Inputs inputs, int steps) {
    Expect.given("network", network);
    Expect.given("graph", graph);
    int batch = inputs.rows() / steps;
    int[] lengths = new int[batch];
    Arrays.fill(lengths, steps);
    Matrix all = new Runner(network).runWhole(inputs, lengths).toHost();
    List<GraphTensor> results =
        new ArrayList<>(new GraphRunner(graph).run(feed(graph, inputs, steps, batch)).values());
    if (!(network.spec().head() instanceof SeveralHeads several)) {
      return List.of(row("output", all, batch, results));
    }
    List<Parity.Row> rows = new ArrayList<>();
    for (int i = 0; i < several.parts().size(); i++) {
      SeveralHeads.Part part = several.parts().get(i);
      Matrix own = several.outputs(all, i);
      boolean isOfSteps = part.head().isOfSteps();
      Matrix counted = isOfSteps ? own : own.rows((steps - 1) * batch, batch);
      rows.add(row(part.name() + ".output", counted, batch, results));
    }
    return rows;
  }

  /// Compares with the first of `results` of as many numbers, which is taken out.
  private static Parity.Row row(String place, Matrix own, int batch, List<GraphTensor> results) {
    double[] expected = Parity.numbers(own);
    for (GraphTensor result : results) {
      if (result.type().isReal() && result.count() == expected.length) {
        results.remove(result);
        Optional<Integer> perStep =
            own.rows() > batch ? Optional.of(batch * own.cols()) : Optional.empty();
        return Parity.Row.of(place, expected, result.reals(), perStep);
      }
    }
    throw new Refusal("models", "an output of %d numbers".formatted(expected.length), results);
  }

  private static Map<String, GraphTensor> feed(Graph graph, Inputs inputs, int steps, int batch) {
    List<GraphTensor> given = new ArrayList<>();
    switch (inputs) {
      case Inputs.Tokens tokens -> given.add(wholes(tokens.tokens(), tokens.from(), steps, batch));
      case Inputs.Vectors vectors -> given.add(reals(vectors.values(), steps, batch));
      case Inputs.Columns columns -> {
        columns.numbers().ifPresent(numbers -> given.add(reals(numbers, steps, batch)));
        for (int[] category : columns.categories()) {
          given.add(wholes(category, columns.from(), steps, batch));
        }
      }
    }
    Map<String, GraphTensor> feed = new LinkedHashMap<>();
    for (ValueInfo input : graph.inputs()) {
      boolean isReal = input.type().orElse(NumberType.FLOAT32).isReal();
      GraphTensor next = given.isEmpty() ? null : given.getFirst();
      if (next != null && next.type().isReal() == isReal) {
        feed.put(input.name(), given.removeFirst());
      } else {
        feed.put(input.name(), filled(input, 0, steps, batch, new Random(0)));
      }
    }
    if (!given.isEmpty()) {
      throw new Refusal("models", "an input for what the network reads", graph.inputs());
    }
    return feed;
  }

  private static GraphTensor reals(Matrix values, int steps, int batch) {
    return GraphTensor.of(
        NumberType.FLOAT32, List.of(steps, batch, values.cols()), Parity.numbers(values));
  }

  private static GraphTensor wholes(int[] tokens, int from, int steps, int batch) {
    long[] numbers = new long[steps * batch];
    Arrays.setAll(numbers, i -> tokens[from + i]);
    return GraphTensor.ofWholes(NumberType.INT64, List.of(steps, batch), numbers);
  }

  /// A tensor for an input: random numbers up to `scale`, whole ones 0 or 1, which any table has; zeros for a scale of
  /// 0.
  private static GraphTensor filled(
      ValueInfo input, double scale, int steps, int batch, Random random) {
    List<Dimension> dimensions = input.shape().orElse(List.of());
    boolean isSequence =
        dimensions.size() == (input.type().orElse(NumberType.FLOAT32).isReal() ? 3 : 2);
    List<Integer> shape = new ArrayList<>();
    long count = 1;
    for (Dimension dimension : dimensions) {
      int any = isSequence && shape.isEmpty() ? steps : batch;
      int size = dimension.isFixed() ? dimension.size() : any;
      shape.add(size);
      count = size == 0 ? 0 : count * size;
      if (count > GraphRunner.MOST) {
        throw new Refusal("models", "inputs of fewer numbers", input);
      }
    }
    NumberType type = input.type().orElse(NumberType.FLOAT32);
    if (!type.isReal()) {
      int most = scale == 0 ? 1 : 2;
      return GraphTensor.ofWholes(type, shape, random.longs(count, 0, most).toArray());
    }
    double[] numbers = new double[(int) count];
    Arrays.setAll(numbers, i -> scale * (2 * random.nextDouble() - 1));
    return GraphTensor.of(type, shape, numbers);
  }

  /// Compares two graphs with inputs and outputs of the same kinds in the same order, on random numbers. Whole numbers
  /// are 0 or 1; of dimensions of any size the first of a sequence is 64, all others are 2.
  ///
  /// @return a row for each output
  ///
  /// **Errors**: [IllegalArgumentException] if they have not as many, or outputs of other shapes.
  public static List<Parity.Row> of(Graph a, Graph b) {
    return of(a, b, STEPS);
  }

  /// The same with sequences of `steps` steps.
  public static List<Parity.Row> of(Graph a, Graph b, int steps) {
    Expect.given("a", a);
    Expect.given("b", b);
    if (a.inputs().size() != b.inputs().size() || a.outputs().size() != b.outputs().size()) {
      throw new Refusal(
          "models",
          "as many inputs and outputs of both",
          "%d and %d, %d and %d"
              .formatted(
                  a.inputs().size(), a.outputs().size(), b.inputs().size(), b.outputs().size()));
    }
    Random random = new Random(SEED);
    Map<String, GraphTensor> ofA = new LinkedHashMap<>();
    Map<String, GraphTensor> ofB = new LinkedHashMap<>();
    for (int i = 0; i < a.inputs().size(); i++) {
      GraphTensor tensor = filled(a.inputs().get(i), 1, steps, BATCH, random);
      ofA.put(a.inputs().get(i).name(), tensor);
      ofB.put(b.inputs().get(i).name(), tensor);
    }
    List<GraphTensor> first = List.copyOf(new GraphRunner(a).run(ofA).values());
    List<GraphTensor> second = List.copyOf(new GraphRunner(b).run(ofB).values());
    List<Parity.Row> rows = new ArrayList<>();
    for (int i = 0; i < first.size(); i++) {
      GraphTensor own = first.get(i);
      GraphTensor other = second.get(i);
      if (!own.shape().equals(other.shape()) || own.type().isReal() != other.type().isReal()) {
        throw new Refusal("models", "outputs of one shape", own + " and " + other);
      }
      String name = a.outputs().get(i).name();
      rows.add(Parity.Row.of(name, own.reals(), other.reals(), Optional.empty()));
    }
    return rows;
  }
}
