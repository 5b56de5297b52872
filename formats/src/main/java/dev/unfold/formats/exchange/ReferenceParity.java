package dev.unfold.formats.exchange;

import dev.unfold.argument.Expect;
import dev.unfold.formats.exchange.ReferenceRoles.Role;
import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.graph.GraphRunner;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.graph.StateNames;
import dev.unfold.formats.graph.ValueInfo;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.head.Head;
import dev.unfold.head.SeveralHeads;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;

/// Whether a network computes what another program did, whose arrays are known by their names.
///
/// Sequences may be `[T, B, ..]` or `[B, T, ..]`, or `[T, ..]` for a single one: where both are possible, both are tried,
/// and the one with the smaller differences counts. Likewise an `output` may be net_y, or what the head makes of it.
public final class ReferenceParity {
  private final Reference reference;
  private final ReferenceRoles roles;

  /// How far a network is from a reference.
  ///
  /// @param rows a row for each array that came out
  /// @param how how the arrays were read, a line each
  /// @param steps of all sequences together
  public record Result(List<Parity.Row> rows, List<String> how, int steps) {
    /// Copies the lists.
    public Result {
      rows = List.copyOf(rows);
      how = List.copyOf(how);
    }

    /// Whether all rows are close.
    public boolean isClose() {
      return rows.stream().allMatch(Parity.Row::isClose);
    }

    /// The largest difference, relative to the largest number in its place.
    public double relative() {
      return rows.stream().mapToDouble(Parity.Row::relative).max().orElse(0);
    }
  }

  /// @param spec the network's
  /// @param origin the graph that it was found in, whose names count, too
  public ReferenceParity(Reference reference, NetworkSpec spec, Optional<Graph> origin) {
    this.reference = Expect.given("reference", reference);
    roles = new ReferenceRoles(Expect.given("spec", spec), Expect.given("origin", origin));
  }

  /// Which axis is that of steps.
  private enum Order {
    STEPS_FIRST("[T=%d, B=%d, ..]"),
    SEQUENCES_FIRST("[B=%2$d, T=%1$d, ..]"),
    ONE_SEQUENCE("[T=%d, ..], one sequence");

    private final String shown;

    Order(String shown) {
      this.shown = shown;
    }
  }

  /// How the axes of all sequences are read.
  private record Axes(Order order, int steps, int batch) {
    /// Where step t of sequence b is.
    int place(int row) {
      int t = row / batch;
      int b = row % batch;
      return order == Order.SEQUENCES_FIRST ? b * steps + t : row;
    }
  }

  private FormatException wrong(Reference.Array array, String expected) {
    return new FormatException(
        "%s: %s: expected %s, got %s"
            .formatted(reference.file(), array.shown(), expected, array.numbers()));
  }

  /// Compares a network with it.
  ///
  /// **Errors**: [FormatException] if an array is missing, is none of the network's, or has another shape.
  public Result of(Network network) {
    Map<Role, Reference.Array> arrays = new LinkedHashMap<>();
    for (Reference.Array array : reference.arrays()) {
      Role role = roles.of(reference.file(), array);
      if (arrays.put(role, array) != null && !(role instanceof Role.Output)) {
        throw wrong(array, "an array that no other stands for");
      }
    }
    List<Result> all = new ArrayList<>();
    FormatException misfit = null;
    for (Axes axes : possible(arrays, network.spec())) {
      try {
        all.add(of(network, arrays, axes));
      } catch (FormatException e) {
        // It may fit the other way round.
        misfit = misfit == null ? e : misfit;
      }
    }
    if (all.isEmpty()) {
      throw misfit;
    }
    return all.stream().min(Comparator.comparingDouble(Result::relative)).orElseThrow();
  }

  private List<Axes> possible(Map<Role, Reference.Array> arrays, NetworkSpec spec) {
    Encoder encoder = spec.encoder();
    boolean isOfNumbers = encoder.numbers() > 0;
    Role first =
        encoder instanceof Encoder.Columns && !isOfNumbers ? new Role.Category(0) : new Role.Main();
    Reference.Array array = arrays.get(first);
    if (array == null) {
      throw new FormatException(
          "%s: expected an array %s of what went in, found none"
              .formatted(
                  reference.file(),
                  isOfNumbers
                      ? "input"
                      : encoder instanceof Encoder.Embedding ? "tokens" : "category.0"));
    }
    List<Integer> shape = new ArrayList<>(array.numbers().shape());
    if (isOfNumbers && (shape.isEmpty() || shape.removeLast() != encoder.numbers())) {
      throw wrong(array, "[T, B, I=%d] or [B, T, I]".formatted(encoder.numbers()));
    }
    if (shape.isEmpty() || shape.size() > 2 || array.numbers().count() == 0) {
      throw wrong(array, "a number of steps and of sequences" + (isOfNumbers ? ", then I" : ""));
    }
    if (shape.size() == 1) {
      return List.of(new Axes(Order.ONE_SEQUENCE, shape.getFirst(), 1));
    }
    return List.of(
        new Axes(Order.STEPS_FIRST, shape.getFirst(), shape.getLast()),
        new Axes(Order.SEQUENCES_FIRST, shape.getLast(), shape.getFirst()));
  }

  private Result of(Network network, Map<Role, Reference.Array> arrays, Axes axes) {
    NetworkSpec spec = network.spec();
    Inputs inputs = inputs(network, arrays, axes);
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), axes.steps(), axes.batch());
    unrolled.start(state(network, arrays, axes));
    unrolled.allPresent();
    unrolled.forward(inputs);
    State last = unrolled.finalState();
    List<Matrix> lasts = last.layers().stream().flatMap(List::stream).toList();
    List<Parity.Row> rows = new ArrayList<>();
    List<String> how = new ArrayList<>();
    how.add("reference: sequences are " + axes.order().shown.formatted(axes.steps(), axes.batch()));
    for (Reference.Array array : reference.arrays()) {
      switch (roles.of(reference.file(), array)) {
        case Role.Layer layer -> rows.add(row(array, unrolled.output(layer.number()), axes));
        case Role.StateAfter after -> rows.add(row(array, lasts.get(after.number()), axes));
        case Role.Output output ->
            rows.add(
                best(
                    array,
                    network,
                    outputs(spec, unrolled, output.head()),
                    output.head(),
                    axes,
                    how));
        case Role.Said said -> {
          Matrix own = outputs(spec, unrolled, said.head());
          rows.add(row(array, said(head(spec, said.head()), own), axes));
        }
        case Role.Main _, Role.Category _, Role.StateBefore _ -> {}
      }
    }
    if (rows.isEmpty()) {
      throw new FormatException(
          reference.file() + ": expected an array of what came out, such as output, found none");
    }
    return new Result(rows, how, axes.steps() * axes.batch());
  }

  private static Head head(NetworkSpec spec, int number) {
    return spec.heads().get(number).head();
  }

  private static Matrix outputs(NetworkSpec spec, UnrolledNetwork unrolled, int number) {
    Matrix all = unrolled.logits();
    if (!(spec.head() instanceof SeveralHeads several)) {
      return all;
    }
    Matrix own = several.outputs(all, number);
    boolean isOfSteps = several.parts().get(number).head().isOfSteps();
    int batch = unrolled.batch();
    return isOfSteps ? own : own.rows((unrolled.steps() - 1) * batch, batch);
  }

  /// What the head makes of its outputs.
  private static Matrix said(Head head, Matrix outputs) {
    double[] first = head.prediction(outputs, 0);
    Matrix said = Matrix.onHeap(outputs.buffer().type(), outputs.rows(), first.length);
    for (int row = 0; row < said.rows(); row++) {
      double[] numbers = head.prediction(outputs, row);
      for (int k = 0; k < numbers.length; k++) {
        said.set(row, k, numbers[k]);
      }
    }
    return said;
  }

  private static Matrix each(Matrix of, DoubleUnaryOperator function) {
    Matrix all = Matrix.onHeap(of.buffer().type(), of.rows(), of.cols());
    for (int row = 0; row < of.rows(); row++) {
      for (int k = 0; k < of.cols(); k++) {
        all.set(row, k, function.applyAsDouble(of.get(row, k)));
      }
    }
    return all;
  }

  /// Files of other programs may put out net_y, probabilities, or their logarithms under one name.
  private Parity.Row best(
      Reference.Array array,
      Network network,
      Matrix outputs,
      int head,
      Axes axes,
      List<String> how) {
    Map<String, Matrix> kinds = new LinkedHashMap<>();
    kinds.put("", outputs);
    Matrix said = said(head(network.spec(), head), outputs);
    boolean areOther = said.cols() != outputs.cols();
    if (areOther && array.numbers().count() == said.rows() * said.cols()) {
      kinds.clear();
    }
    if (kinds.isEmpty() || !areOther) {
      kinds.put("what the head says", said);
      kinds.put("the logarithms of what the head says", each(said, Math::log));
    }
    String kind = "";
    Parity.Row least = null;
    for (Map.Entry<String, Matrix> entry : kinds.entrySet()) {
      Parity.Row row = row(array, entry.getValue(), axes);
      if (least == null || Double.compare(row.relative(), least.relative()) < 0) {
        least = row;
        kind = entry.getKey();
      }
    }
    if (!kind.isEmpty() && least.isClose()) {
      how.add("reference: %s is %s".formatted(array.shown(), kind));
    }
    return least;
  }

  /// Compares rows of steps, or of sequences.
  private Parity.Row row(Reference.Array array, Matrix own, Axes axes) {
    GraphTensor numbers = array.numbers();
    boolean isOfSteps = own.rows() == axes.steps() * axes.batch() && axes.steps() > 1;
    if (numbers.count() != (long) own.rows() * own.cols() || !fits(numbers, own, axes, isOfSteps)) {
      throw wrong(
          array,
          (isOfSteps ? "[T, B, %d] or [B, T, %1$d]" : "[B, %d]").formatted(own.cols())
              + " with T=%d, B=%d".formatted(axes.steps(), axes.batch()));
    }
    double[] theirs = new double[numbers.count()];
    double[] ours = new double[theirs.length];
    for (int i = 0; i < theirs.length; i++) {
      int row = i / own.cols();
      int place = isOfSteps ? axes.place(row) : row;
      theirs[i] = numbers.real(place * own.cols() + i % own.cols());
      ours[i] = own.get(row, i % own.cols());
    }
    Optional<Integer> perStep =
        isOfSteps ? Optional.of(axes.batch() * own.cols()) : Optional.empty();
    return Parity.Row.of(array.shown(), theirs, ours, perStep);
  }

  /// Whether the sizes beside those of 1 are those of the rows, in the order in which they are read.
  private static boolean fits(GraphTensor numbers, Matrix own, Axes axes, boolean isOfSteps) {
    List<Integer> expected = new ArrayList<>();
    if (isOfSteps) {
      boolean isTurned = axes.order() == Order.SEQUENCES_FIRST;
      expected.add(isTurned ? axes.batch() : axes.steps());
      expected.add(isTurned ? axes.steps() : axes.batch());
    } else {
      expected.add(own.rows());
    }
    expected.add(own.cols());
    return plain(expected).equals(plain(numbers.shape()));
  }

  private static List<Integer> plain(List<Integer> shape) {
    return shape.stream().filter(size -> size != 1).toList();
  }

  private Inputs inputs(Network network, Map<Role, Reference.Array> arrays, Axes axes) {
    int rows = axes.steps() * axes.batch();
    return switch (network.spec().encoder()) {
      case Encoder.Embedding table ->
          new Inputs.Tokens(tokens(arrays.get(new Role.Main()), table, rows, axes), 0);
      case Encoder.Vectors vectors ->
          new Inputs.Vectors(vectors(network, arrays.get(new Role.Main()), vectors.width(), axes));
      case Encoder.Columns columns -> {
        int[][] categories = new int[columns.categories().size()][];
        for (int c = 0; c < categories.length; c++) {
          Reference.Array array = arrays.get(new Role.Category(c));
          if (array == null) {
            throw new FormatException(
                "%s: expected an array category.%d, found none".formatted(reference.file(), c));
          }
          categories[c] = tokens(array, columns.categories().get(c), rows, axes);
        }
        yield new Inputs.Columns(
            columns.numbers() == 0
                ? Optional.empty()
                : Optional.of(
                    vectors(network, arrays.get(new Role.Main()), columns.numbers(), axes)),
            categories,
            0);
      }
    };
  }

  private int[] tokens(Reference.Array array, Encoder.Embedding table, int rows, Axes axes) {
    if (array.numbers().count() != rows) {
      throw wrong(array, rows + " tokens, one for each step of each sequence");
    }
    int[] tokens = new int[rows];
    for (int row = 0; row < rows; row++) {
      double token = array.numbers().real(axes.place(row));
      if (!(token >= 0 && token < table.vocabulary() && token == Math.rint(token))) {
        throw wrong(array, "tokens from 0 to %d".formatted(table.vocabulary() - 1));
      }
      tokens[row] = (int) token;
    }
    return tokens;
  }

  private Matrix vectors(Network network, Reference.Array array, int width, Axes axes) {
    int rows = axes.steps() * axes.batch();
    Matrix all = network.kernels().allocate(rows, width);
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < width; i++) {
        double number = array.numbers().real(axes.place(row) * width + i);
        all.set(row, i, number);
        if (!Double.isFinite(all.get(row, i))) {
          throw wrong(array, "numbers that a %s can hold".formatted(all.buffer().type()));
        }
      }
    }
    return all;
  }

  private State state(Network network, Map<Role, Reference.Array> arrays, Axes axes) {
    State state = network.zeroState(axes.batch());
    List<Matrix> all = state.layers().stream().flatMap(List::stream).toList();
    arrays.forEach((role, array) -> {
      if (role instanceof Role.StateBefore before) {
        Matrix into = all.get(before.number());
        if (!plain(array.numbers().shape()).equals(plain(List.of(into.rows(), into.cols())))) {
          throw wrong(array, "[B=%d, %d]".formatted(into.rows(), into.cols()));
        }
        for (int i = 0; i < array.numbers().count(); i++) {
          into.set(i / into.cols(), i % into.cols(), array.numbers().real(i));
        }
      }
    });
    return state;
  }

  /// Compares a graph with a reference, whose arrays have the names of its inputs and outputs, or their places. Inputs
  /// that are not there are zeros if their sizes are known.
  ///
  /// **Errors**: [FormatException] as above.
  public static Result of(Graph graph, Reference reference) {
    Expect.given("graph", graph);
    Map<String, GraphTensor> inputs = new LinkedHashMap<>();
    Map<String, Reference.Array> outputs = new LinkedHashMap<>();
    for (Reference.Array array : reference.arrays()) {
      Optional<ValueInfo> input = find(graph.inputs(), "input_", array);
      Optional<ValueInfo> output = find(graph.outputs(), "output_", array);
      if (input.isPresent()) {
        inputs.put(input.get().name(), as(input.get().type(), array, reference));
      } else if (output.isPresent()) {
        outputs.put(output.get().name(), array);
      } else {
        throw new FormatException(
            "%s: expected arrays named as the inputs and outputs, %s and %s, got %s"
                .formatted(reference.file(), graph.inputs(), graph.outputs(), array.shown()));
      }
    }
    Set<String> states = StateNames.of(graph).keySet();
    List<String> how = new ArrayList<>();
    for (ValueInfo input : graph.inputs()) {
      if (!inputs.containsKey(input.name())) {
        if (!states.contains(input.name())) {
          throw new FormatException(
              "%s: expected an array for the input %s, found none"
                  .formatted(reference.file(), input));
        }
        inputs.put(input.name(), zeros(input, reference));
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
        throw new FormatException(
            "%s: %s: expected %s, got %s"
                .formatted(reference.file(), array.shown(), own, array.numbers()));
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

  private static GraphTensor zeros(ValueInfo input, Reference reference) {
    boolean isFixed =
        input.shape().isPresent() && input.shape().get().stream().allMatch(size -> size.isFixed());
    if (!isFixed) {
      throw new FormatException(
          "%s: expected an array for the input %s, found none".formatted(reference.file(), input));
    }
    List<Integer> shape = input.shape().get().stream().map(size -> size.size()).toList();
    return GraphTensor.zeros(input.type().orElse(NumberType.FLOAT32), shape);
  }

  /// The same numbers in the type that an input has.
  private static GraphTensor as(
      Optional<NumberType> type, Reference.Array array, Reference reference) {
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
