package dev.unfold.formats.graph.layers;

import dev.unfold.formats.graph.Dimension;
import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.graph.GraphRunner;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.graph.ValueInfo;
import dev.unfold.formats.graph.layers.NetworkFinder.Unit;
import dev.unfold.formats.graph.layers.Traced.Flow;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/// Runs a graph and the network that it was found to be on the same random sequences, which begin with zeros. What a
/// graph puts out as the next value of a state goes in at its next run: a single step from zeros says nothing of what
/// states are for.
final class NetworkCheck {
  private static final int STEPS = 5;
  private static final int BATCH = 3;

  /// Of a run whose states go on to the next.
  private static final int STEPS_OF_SEVERAL = 2;

  /// Of the largest number: the network computes in float, in another order.
  private static final double BOUND = 1e-4;

  /// More products than that take too long by the definitions of operators.
  private static final long MOST = 1L << 28;

  private static final int MOST_ROWS = 1 << 12;
  private static final long MOST_NUMBERS = 1 << 24;

  private final Graph graph;
  private final Map<String, String> states;
  private final Network network;
  private final List<Compared> compared;
  private final Map<Integer, Compared> layers;
  private final ValueInfo main;
  private final List<Dimension> shape;
  private final int feature;
  private final boolean isSeveral;

  /// What fitted.
  private Sides found;

  /// A value of the graph.
  ///
  /// @param flow what it is
  record Compared(String name, Flow flow, Unit unit) {}

  /// @param graph with `main` and the states as its only inputs
  /// @param states the output that each state's next value is, by its input
  /// @param layers the values that layers put out, by the layer's number, where they are known
  NetworkCheck(
      Graph graph,
      ValueInfo main,
      Map<String, String> states,
      Network network,
      List<Compared> compared,
      Map<Integer, Compared> layers) {
    this.layers = layers;
    this.main = main;
    this.states = states;
    this.network = network;
    this.compared = compared;
    List<ValueInfo> outputs = new ArrayList<>(graph.outputs());
    List<Compared> all = new ArrayList<>(compared);
    all.addAll(layers.values());
    for (Compared each : all) {
      if (outputs.stream().noneMatch(output -> output.name().equals(each.name()))) {
        outputs.add(new ValueInfo(each.name(), Optional.empty(), Optional.empty()));
      }
    }
    this.graph = new Graph(graph.inputs(), outputs, graph.constants(), graph.nodes());
    shape = main.shape().orElseThrow();
    feature = NetworkFinder.feature(main);
    // The last step of several runs is that of the whole, unlike their mean.
    boolean isOfSteps =
        network.spec().head().isOfSteps()
            || (network.spec().head() instanceof PooledHead pooled
                && pooled.pooling() == Pooling.LAST);
    isSeveral = !states.isEmpty() && isOfSteps && network.spec().directions() == 1;
  }

  /// Axes of the first input, -1 for none, and their sizes.
  ///
  /// @param runs one after the other, of `steps` each
  private record Sides(int timeAxis, int batchAxis, int steps, int batch, int runs) {}

  void expectAlike() throws NoLayers {
    for (Sides sides : possible()) {
      double rows = (double) sides.steps() * sides.batch() * sides.runs();
      if (rows > MOST_ROWS || rows * network.parameters().count() > MOST) {
        throw new NoLayers("its fixed sizes are too large to run it for comparison");
      }
      if (isAlike(sides)) {
        found = sides;
        return;
      }
    }
    throw new NoLayers("the layers that were found give other numbers");
  }

  private List<Sides> possible() {
    List<Integer> free = new ArrayList<>();
    for (int d = 0; d < shape.size(); d++) {
      if (d != feature) {
        free.add(d);
      }
    }
    return switch (free.size()) {
      case 0 -> List.of(sides(-1, -1));
      case 1 -> List.of(sides(free.getFirst(), -1), sides(-1, free.getFirst()));
      case 2 ->
          List.of(sides(free.getFirst(), free.getLast()), sides(free.getLast(), free.getFirst()));
      default -> List.of();
    };
  }

  private Sides sides(int timeAxis, int batchAxis) {
    int steps = size(timeAxis, isSeveral ? STEPS_OF_SEVERAL : STEPS);
    int runs = isSeveral ? Math.max(2, Math.ceilDiv(STEPS, Math.max(1, steps))) : 1;
    return new Sides(timeAxis, batchAxis, steps, size(batchAxis, BATCH), runs);
  }

  private int size(int axis, int otherwise) {
    if (axis < 0) {
      return 1;
    }
    return shape.get(axis).isFixed() ? shape.get(axis).size() : otherwise;
  }

  private boolean isAlike(Sides sides) throws NoLayers {
    if (sides.steps() < 1 || sides.batch() < 1) {
      return false;
    }
    List<GraphTensor> read = new ArrayList<>();
    List<Map<String, GraphTensor>> expected;
    try {
      expected = run(sides, read);
    } catch (IllegalArgumentException e) {
      // Sequences and steps are the other way round.
      return false;
    }
    int[] lengths = new int[sides.batch()];
    Arrays.fill(lengths, sides.steps() * sides.runs());
    Matrix outputs = new Runner(network).runWhole(read(read, sides), lengths);
    for (Compared each : compared) {
      Optional<FoundNetwork.Measured> both = measured(each, expected, network, outputs, sides);
      if (both.isEmpty() || !isAlike(both.get())) {
        return false;
      }
    }
    return true;
  }

  private static boolean isAlike(FoundNetwork.Measured both) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < both.graph().length; i++) {
      largest = Math.max(largest, Math.abs(both.graph()[i]));
      difference = Math.max(difference, Math.abs(both.graph()[i] - both.network()[i]));
    }
    return difference <= BOUND * largest;
  }

  /// What the graph and `other`, which was found in it, give for random sequences of about `steps` steps.
  List<FoundNetwork.Measured> measured(Network other, int steps) {
    int each = found.steps();
    int runs = found.runs();
    long rows = Math.max(1, MOST / Math.max(1, network.parameters().count()) / found.batch());
    int wanted = (int) Math.min(steps, Math.max(rows, (long) each * runs));
    boolean isFixed = found.timeAxis() < 0 || shape.get(found.timeAxis()).isFixed();
    if (!isFixed) {
      each = isSeveral ? Math.ceilDiv(wanted, runs) : wanted;
    } else if (isSeveral) {
      runs = Math.max(runs, Math.ceilDiv(wanted, each));
    }
    Sides sides = new Sides(found.timeAxis(), found.batchAxis(), each, found.batch(), runs);
    List<GraphTensor> read = new ArrayList<>();
    List<Map<String, GraphTensor>> expected;
    try {
      expected = run(sides, read);
    } catch (NoLayers e) {
      throw new IllegalStateException("no longer the graph that it was found in", e);
    }
    UnrolledNetwork unrolled =
        UnrolledNetwork.of(other, Team.of(1), sides.steps() * sides.runs(), sides.batch());
    unrolled.startFromZero();
    unrolled.allPresent();
    unrolled.forward(read(read, sides));
    List<FoundNetwork.Measured> all = new ArrayList<>();
    layers.forEach((layer, value) -> {
      Compared placed = new Compared(value.name(), value.flow(), Unit.NET);
      measured(placed, expected, other, unrolled.output(layer), sides, true)
          .ifPresent(both ->
              all.add(
                  new FoundNetwork.Measured(
                      "l" + layer, both.graph(), both.network(), both.perStep())));
    });
    for (Compared value : compared) {
      measured(value, expected, other, unrolled.logits(), sides).ifPresent(all::add);
    }
    return all;
  }

  /// Runs the graph.
  ///
  /// @param read takes the first input of each run
  private List<Map<String, GraphTensor>> run(Sides sides, List<GraphTensor> read) throws NoLayers {
    Map<String, GraphTensor> inputs = new HashMap<>();
    for (ValueInfo input : graph.inputs()) {
      if (states.containsKey(input.name())) {
        inputs.put(input.name(), zeros(input, sides));
      }
    }
    SplittableRandom random = new SplittableRandom(1);
    List<Map<String, GraphTensor>> all = new ArrayList<>();
    GraphRunner runner = new GraphRunner(graph);
    for (int run = 0; run < sides.runs(); run++) {
      read.add(some(sides, random));
      inputs.put(main.name(), read.getLast());
      Map<String, GraphTensor> outputs = runner.run(inputs);
      all.add(outputs);
      states.forEach((input, next) -> inputs.put(input, outputs.get(next)));
    }
    return all;
  }

  private GraphTensor some(Sides sides, SplittableRandom random) throws NoLayers {
    List<Integer> sizes = new ArrayList<>();
    for (int d = 0; d < shape.size(); d++) {
      sizes.add(
          d == sides.timeAxis()
              ? sides.steps()
              : d == sides.batchAxis() ? sides.batch() : Math.max(1, shape.get(d).size()));
    }
    int count = count(sizes);
    NumberType type = main.type().orElseThrow();
    if (network.spec().encoder() instanceof Encoder.Embedding table) {
      long[] tokens = new long[count];
      Arrays.setAll(tokens, i -> random.nextInt(table.vocabulary()));
      return GraphTensor.ofWholes(type, sizes, tokens);
    }
    double[] numbers = new double[count];
    Arrays.setAll(numbers, i -> random.nextDouble(-1, 1));
    return GraphTensor.of(type, sizes, numbers);
  }

  private static GraphTensor zeros(ValueInfo state, Sides sides) throws NoLayers {
    List<Integer> sizes =
        state.shape().orElse(List.of()).stream()
            .map(dimension -> dimension.isFixed() ? dimension.size() : sides.batch())
            .toList();
    count(sizes);
    return GraphTensor.zeros(state.type().orElse(NumberType.FLOAT32), sizes);
  }

  /// How many numbers a shape has, before there is memory for them.
  private static int count(List<Integer> sizes) throws NoLayers {
    long count = 1;
    for (int size : sizes) {
      // A size of 0 makes the others no smaller.
      count *= Math.max(1, size);
      if (count > MOST_NUMBERS) {
        throw new NoLayers("its fixed sizes are too large to run it for comparison");
      }
    }
    return sizes.contains(0) ? 0 : (int) count;
  }

  /// The first inputs of all runs as the network reads them.
  private Inputs read(List<GraphTensor> all, Sides sides) {
    int rows = sides.steps() * sides.batch();
    if (feature < 0) {
      int[] tokens = new int[rows * sides.runs()];
      Arrays.setAll(
          tokens,
          row -> {
            GraphTensor of = all.get(row / rows);
            return (int) of.whole(place(of, sides, row % rows, 0));
          });
      return new Inputs.Tokens(tokens, 0);
    }
    int width = all.getFirst().size(feature);
    Matrix vectors = Matrix.onHeap(ElementType.FLOAT32, rows * sides.runs(), width);
    for (int row = 0; row < vectors.rows(); row++) {
      GraphTensor of = all.get(row / rows);
      for (int i = 0; i < width; i++) {
        vectors.set(row, i, of.real(place(of, sides, row % rows, i)));
      }
    }
    return new Inputs.Vectors(vectors);
  }

  private int place(GraphTensor first, Sides sides, int row, int i) {
    int place = 0;
    for (int d = 0; d < shape.size(); d++) {
      int at = d == feature ? i : at(d, sides, row);
      place = place * first.size(d) + at;
    }
    return place;
  }

  private static int at(int axis, Sides sides, int row) {
    if (axis == sides.timeAxis()) {
      return row / sides.batch();
    }
    return axis == sides.batchAxis() ? row % sides.batch() : 0;
  }

  private static Optional<FoundNetwork.Measured> measured(
      Compared what, List<Map<String, GraphTensor>> runs, Network of, Matrix outputs, Sides sides) {
    return measured(what, runs, of, outputs, sides, of.spec().head().isOfSteps());
  }

  /// A value of the graph in all runs, and what the network has in its place; empty if it has another shape.
  private static Optional<FoundNetwork.Measured> measured(
      Compared what,
      List<Map<String, GraphTensor>> runs,
      Network of,
      Matrix outputs,
      Sides sides,
      boolean isOfSteps) {
    int rows = isOfSteps ? sides.steps() * sides.batch() : sides.batch();
    double[] graph = new double[outputs.rows() * outputs.cols()];
    double[] network = new double[graph.length];
    int at = 0;
    for (int row = 0; row < outputs.rows(); row++) {
      // Of pooled ones the network has those of the whole, and so has the last run.
      GraphTensor expected = (isOfSteps ? runs.get(row / rows) : runs.getLast()).get(what.name());
      if (expected.rank() != what.flow().axes().size()
          || expected.count() != rows * outputs.cols()) {
        return Optional.empty();
      }
      double[] numbers = numbers(what.unit(), of, outputs, row);
      for (int k = 0; k < numbers.length; k++) {
        int place = 0;
        for (int d = 0; d < expected.rank(); d++) {
          int axis = what.flow().axes().get(d);
          int index = axis == Traced.FEATURE ? k : axis < 0 ? 0 : at(axis, sides, row % rows);
          place = place * expected.size(d) + index;
        }
        if (place >= expected.count()) {
          return Optional.empty();
        }
        graph[at] = expected.real(place);
        network[at++] = numbers[k];
      }
    }
    Optional<Integer> perStep =
        isOfSteps ? Optional.of(sides.batch() * outputs.cols()) : Optional.empty();
    return Optional.of(new FoundNetwork.Measured(what.name(), graph, network, perStep));
  }

  /// What the network says in the unit of the graph's output.
  private static double[] numbers(Unit unit, Network of, Matrix outputs, int row) {
    double[] numbers = new double[outputs.cols()];
    switch (unit) {
      case NET -> Arrays.setAll(numbers, k -> outputs.get(row, k));
      case SOFTMAX, SIGMOID -> numbers = of.spec().head().prediction(outputs, row);
      case LOG_SOFTMAX -> {
        double[] shares = of.spec().head().prediction(outputs, row);
        Arrays.setAll(numbers, k -> Math.log(shares[k]));
      }
    }
    return numbers;
  }
}
