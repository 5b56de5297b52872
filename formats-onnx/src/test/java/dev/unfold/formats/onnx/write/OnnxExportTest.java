package dev.unfold.formats.onnx.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.Size;
import dev.unfold.cell.Start;
import dev.unfold.cell.library.Cells;
import dev.unfold.formats.exchange.ExportOptions;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.onnx.OnnxRuntime;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.head.LearnedNegativeBinomial;
import dev.unfold.head.LearnedStudentT;
import dev.unfold.head.LinearChain;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.Quantiles;
import dev.unfold.head.SeveralHeads;
import dev.unfold.head.ValueLoss;
import dev.unfold.infer.Outcome;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.State;
import dev.unfold.model.Wiring;
import dev.unfold.sequence.Inputs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is written is run by ONNX Runtime and gives what the network gives.
final class OnnxExportTest {
  private static final long SEED = 20261129;
  private static final int T = 64;
  private static final int B = 3;
  private static final int I = 3;
  private static final int H = 16;
  private static final int K = 4;

  /// Of the largest number.
  private static final double CLOSE = 1e-6;

  /// Layer normalisation divides by small deviations: there the float arithmetic of each backend is 1e-6 to 6e-6 away
  /// from double for a new network, and more for one that lets differences grow, as these here. States that turn and
  /// are hardly damped add up the rounding errors of all steps.
  private static double close(Cell cell) {
    if (isNormalised(cell)) {
      return 1e-4;
    }
    return Set.of("hgrn", "unicornn").contains(cell.name()) ? 20 * CLOSE : CLOSE;
  }

  private static boolean isNormalised(Cell cell) {
    return cell.name().equals("lstm_layer_norm");
  }

  private static final Kernels KERNELS = Backends.named("scalar", Precision.FLOAT);

  @TempDir private Path folder;

  @BeforeAll
  static void printSeed() {
    System.out.println("seed " + SEED);
  }

  static Stream<Cell> cells() {
    Stream<Cell> library = Cells.names().stream().map(Cells::named);
    // As an operator of its own, and as a Scan.
    Stream<Cell> headed =
        Stream.of("lstm", "gru", "elman", "slstm", "lstm_layer_norm")
            .map(name -> Cells.named(name).withHeads(4));
    return Stream.of(library, headed, own()).flatMap(all -> all);
  }

  /// Six of a user's own, and those of matrices with several heads.
  private static Stream<Cell> own() {
    Cell leaky =
        Cell.define(
            "leaky",
            step -> {
              Expr h = step.state("h");
              Expr fresh = Expr.tanh(step.affine("net_h", step.input(), h));
              Expr rate = Expr.sigmoid(step.parameter("rate"));
              step.next("h", Expr.oneMinus(rate).times(h).plus(rate.times(fresh)));
            });
    Cell second =
        Cell.define(
            "second_order",
            step -> {
              Expr x = step.input();
              Expr h = step.state("h");
              Expr before = step.state("before");
              step.next("before", h);
              step.next("h", Expr.tanh(step.affine("net_h", x, h, before)));
            });
    Cell normed =
        Cell.define(
            "normed",
            step -> {
              Expr net = step.affine("net_h", step.input(), step.state("h"));
              Expr size = Expr.sqrt(Expr.mean(net.times(net)).plus(Expr.constant(1e-3)));
              step.next("h", net.dividedBy(size));
            });
    Cell soft =
        Cell.define(
            "soft",
            step -> {
              Expr x = step.input();
              Expr h = step.state("h");
              Expr up = Expr.softplus(step.affine("up", x));
              Expr down = Expr.exp(step.affine("down", h).negate());
              Expr all = down.plus(up).plus(Expr.constant(1));
              step.next("h", Expr.log(all).plus(Expr.relu(h)).dividedBy(all));
              step.output(step.affine("read", h, x));
            });
    Cell narrow =
        Cell.define(
            "narrow",
            step -> {
              Expr x = step.input();
              Expr h = step.state("h", Size.own("P"));
              Expr wide = step.named("wide", Expr.tanh(step.affine("net", x, h)));
              step.next("h", step.affine("projection", Size.own("P"), wide));
              step.output(wide);
            });
    Size p = Size.own("P");
    Size matrices = Size.matrices(Size.HIDDEN, p, Size.HEADS);
    Cell heads =
        Cell.define(
            "heads",
            step -> {
              Expr x = step.input();
              Expr s = step.state("s", matrices);
              Expr own = step.parameter("own", p, Start.DRAWN);
              Expr k = Expr.tanh(step.affine("k", p, x).plus(own));
              Expr level =
                  Expr.sigmoid(Expr.headMean(s, Size.HEADS).plus(step.affine("f", Size.HEADS, x)));
              Expr kept = Expr.headSpread(level, matrices).times(s);
              Expr v = step.affine("v", x, step.state("h"));
              Expr next = step.next("s", kept.plus(Expr.outer(v, own, Size.HEADS)));
              Expr back = Expr.transposedProduct(next, v).times(Expr.headSpread(level, p));
              step.next("h", Expr.tanh(Expr.product(next, k.plus(Expr.tanh(back)))));
            });
    return Stream.of(
        leaky,
        second,
        normed,
        soft,
        narrow,
        heads.withSize("P", 8).withSize("N", 4),
        Cells.named("mlstm").withSize("N", 4),
        Cells.named("gated_delta").withSize("N", 2));
  }

  private static double random(Random random) {
    return 2 * random.nextDouble() - 1;
  }

  private static Network network(NetworkSpec spec) {
    Network network = Network.create(spec, KERNELS, SEED);
    // So that also what starts at 0 has a part.
    Random random = new Random(SEED);
    for (var tensor : network.parameters().tensors()) {
      Matrix numbers = network.parameters().matrix(tensor.name());
      for (int row = 0; row < numbers.rows(); row++) {
        for (int col = 0; col < numbers.cols(); col++) {
          numbers.set(row, col, numbers.get(row, col) + 0.1 * random(random));
        }
      }
    }
    network.parameters().changed();
    return network;
  }

  private static NetworkSpec vectors(Head head, LayerSpec... layers) {
    return new NetworkSpec(new Encoder.Vectors(I), List.of(layers), head);
  }

  private static float[] numbers(int count) {
    Random random = new Random(SEED + 1);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random(random);
    }
    return numbers;
  }

  private static Matrix matrix(float[] numbers, int cols) {
    Matrix matrix = KERNELS.allocate(numbers.length / cols, cols);
    for (int i = 0; i < numbers.length; i++) {
      matrix.set(i / cols, i % cols, numbers[i]);
    }
    return matrix;
  }

  private static double[] read(Matrix matrix) {
    double[] all = new double[matrix.rows() * matrix.cols()];
    Arrays.setAll(all, i -> matrix.get(i / matrix.cols(), i % matrix.cols()));
    return all;
  }

  private static void assertClose(String what, double[] expected, double[] got, double close) {
    assertEquals(expected.length, got.length, what);
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    assertTrue(largest > 1e-3, what + ": all but zero");
    for (int i = 0; i < got.length; i++) {
      double difference = Math.abs(expected[i] - got[i]) / largest;
      assertTrue(difference <= close, what + ": number " + i + " " + expected[i] + " " + got[i]);
    }
  }

  private Path write(Network network, UnaryOperator<ExportOptions> change) {
    Path file = folder.resolve("model.onnx");
    OnnxWriter.write(file, NetworkModel.of(network), change.apply(ExportOptions.defaults()));
    return file;
  }

  private static GraphTensor floats(float[] numbers, Integer... shape) {
    double[] all = new double[numbers.length];
    Arrays.setAll(all, i -> numbers[i]);
    return GraphTensor.of(NumberType.FLOAT32, List.of(shape), all);
  }

  private static GraphTensor wholes(int[] numbers, Integer... shape) {
    long[] all = Arrays.stream(numbers).asLongStream().toArray();
    return GraphTensor.ofWholes(NumberType.INT64, List.of(shape), all);
  }

  /// The outputs by name, row by row.
  private static Map<String, double[]> run(Path file, Map<String, GraphTensor> inputs)
      throws OrtException {
    Map<String, double[]> outputs = new HashMap<>();
    try (OnnxRuntime runtime = new OnnxRuntime(Files.readAllBytes(file))) {
      runtime.run(inputs).forEach((name, tensor) -> outputs.put(name, tensor.reals()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return outputs;
  }

  /// Runs both from a state that is not 0.
  private void assertSame(Network network, int steps, double close, int opset) throws OrtException {
    float[] x = numbers(steps * B * I);
    State state = network.zeroState(B);
    Path file =
        write(
            network,
            options ->
                new ExportOptions(options.states(), OptionalInt.of(opset), Optional.empty()));
    Map<String, GraphTensor> inputs = new HashMap<>();
    inputs.put("input", floats(x, steps, B, I));
    NetworkSpec spec = network.spec();
    for (int l = 0; l < spec.layers(); l++) {
      List<String> names = spec.stack().get(l).cell().states();
      for (int s = 0; s < names.size(); s++) {
        Matrix own = state.layers().get(l).get(s);
        float[] initial = Arrays.copyOf(numbers(1000), own.rows() * own.cols());
        for (int i = 0; i < initial.length; i++) {
          own.set(i / own.cols(), i % own.cols(), initial[i]);
        }
        String name = "state.l%d.%s".formatted(l, names.get(s));
        inputs.put(name, floats(initial, B, own.cols()));
      }
    }
    Outcome outcome = new Runner(network).run(new Inputs.Vectors(matrix(x, I)), state);
    Map<String, double[]> outputs = run(file, inputs);
    assertClose("output", read(outcome.outputs()), outputs.get("output"), close);
    for (int l = 0; l < spec.layers(); l++) {
      List<String> names = spec.stack().get(l).cell().states();
      for (int s = 0; s < names.size(); s++) {
        String name = "state.l%d.%s.next".formatted(l, names.get(s));
        assertClose(name, read(outcome.state().layers().get(l).get(s)), outputs.get(name), close);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cells")
  void cell_runByOnnxRuntime_givesWhatItGivesHere(Cell cell) throws OrtException {
    Head head = new Head.Values(K, new ValueLoss.SquaredError());
    LayerSpec layer = new LayerSpec(cell, H);
    assertSame(network(vectors(head, layer, layer)), T, close(cell), 17);
  }

  /// Not layer normalisation, where these networks let the rounding errors grow, nor oscillators without damping, which
  /// keep each of them.
  static Stream<Cell> steady() {
    return cells().filter(cell -> !isNormalised(cell) && !cell.name().equals("unicornn"));
  }

  @ParameterizedTest
  @MethodSource("steady")
  void cell_over1000Steps_staysWithin1e5(Cell cell) throws OrtException {
    Head head = new Head.Values(K, new ValueLoss.SquaredError());
    assertSame(network(vectors(head, new LayerSpec(cell, H))), 1000, 1e-5, 17);
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 18, 19, 20, 21, 22})
  void opset_ofEachVersion_isRun(int opset) throws OrtException {
    Head head = new Head.Values(K, new ValueLoss.SquaredError());
    assertSame(
        network(
            vectors(
                head,
                new LayerSpec(Cells.lstm(), H),
                new LayerSpec(Cells.named("lstm_layer_norm"), H))),
        T,
        1e-4,
        opset);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NONE", "PER_AFFINE", "PER_OPERAND"})
  void biases_ofEachKind_areWritten(Bias bias) throws OrtException {
    Head head = new Head.Values(K, new ValueLoss.SquaredError());
    for (String name : List.of("lstm", "gru", "gru_reset_before", "mgu", "elman")) {
      LayerSpec layer = new LayerSpec(Cells.named(name).withBias(bias), H);
      assertSame(network(vectors(head, layer)), T, CLOSE, 17);
    }
  }

  @Test
  void zoneout_ofAUsedNetwork_isItsMean() throws OrtException {
    Head head = new Head.Values(K, new ValueLoss.SquaredError());
    NetworkSpec spec =
        vectors(head, new LayerSpec(Cells.lstm(), H)).with(Noise.parse("zoneout.c=0.3"));
    assertSame(network(spec), T, CLOSE, 17);
  }

  @Test
  void residualLayers_ofSeveralCells_areAdded() throws OrtException {
    Head head = new Head.Values(K, new ValueLoss.SquaredError());
    NetworkSpec spec =
        vectors(
            head,
            new LayerSpec(Cells.gru(), H),
            new LayerSpec(Cells.lstm(), H, Set.of(Wiring.RESIDUAL)),
            new LayerSpec(Cells.named("mgu"), H, Set.of(Wiring.RESIDUAL)));
    assertSame(network(spec), T, CLOSE, 17);
  }

  /// Whole sequences, in both directions.
  private Map<String, double[]> assertSameWhole(Network network, int steps) throws OrtException {
    return assertSameWhole(network, steps, CLOSE);
  }

  private Map<String, double[]> assertSameWhole(Network network, int steps, double close)
      throws OrtException {
    float[] x = numbers(steps * B * I);
    Matrix whole =
        new Runner(network).runWhole(new Inputs.Vectors(matrix(x, I)), steps, steps, steps);
    Map<String, GraphTensor> inputs = new HashMap<>(Map.of("input", floats(x, steps, B, I)));
    if (NetworkWriter.isStepwise(network.spec())) {
      inputs.put("state.l0.h", floats(new float[B * H], B, H));
    }
    Map<String, double[]> outputs = run(write(network, options -> options), inputs);
    if (!(network.spec().head() instanceof SeveralHeads)) {
      assertClose("output", read(whole), outputs.get("output"), close);
    }
    return outputs;
  }

  @ParameterizedTest
  @MethodSource("cells")
  void cell_inBothDirections_givesWhatItGivesHere(Cell cell) throws OrtException {
    LayerSpec layer = new LayerSpec(cell, H, Set.of(Wiring.BIDIRECTIONAL));
    Head head = new Head.Values(K, new ValueLoss.SquaredError());
    assertSameWhole(network(vectors(head, layer, layer)), 20, close(cell));
  }

  private static Network plain(Head head) {
    return network(vectors(head, new LayerSpec(Cells.gru(), H)));
  }

  /// What a head says of all rows, as `rows` of the outputs do here.
  private static double[] predictions(Network network, int steps) {
    Matrix whole =
        new Runner(network)
            .runWhole(new Inputs.Vectors(matrix(numbers(steps * B * I), I)), steps, steps, steps);
    return java.util.stream.IntStream.range(0, whole.rows())
        .mapToObj(row -> network.spec().head().prediction(whole, row))
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }

  static Stream<Head> heads() {
    Stream<Head> values =
        Stream.of(
                new ValueLoss.SquaredError(),
                new ValueLoss.SigmoidCrossEntropy(),
                new ValueLoss.Gaussian(),
                new ValueLoss.StudentT(4),
                new ValueLoss.NegativeBinomial(2),
                new LearnedStudentT(),
                new LearnedNegativeBinomial(),
                new Quantiles(List.of(0.1, 0.25, 0.5, 0.9)))
            .map(loss -> new Head.Values(2, loss));
    Stream<Head> others =
        Stream.of(
            new Head.Classes(7),
            new FactoredClasses(7),
            new FactoredClasses(9),
            new Head.Sets(5),
            new Head.Labels(5, 0));
    Stream<Head> pooled =
        Stream.of(Pooling.values()).map(pooling -> new PooledHead(new Head.Classes(4), pooling));
    return Stream.of(values, others, pooled).flatMap(all -> all);
  }

  @ParameterizedTest
  @MethodSource("heads")
  void head_runByOnnxRuntime_saysWhatItSaysHere(Head head) throws OrtException {
    Network network = plain(head);
    Map<String, double[]> outputs = assertSameWhole(network, 12);
    String name = outputs.containsKey("probabilities") ? "probabilities" : "prediction";
    assertClose(name, predictions(network, 12), outputs.get(name), CLOSE);
  }

  @Test
  void distribution_ofOutputs_hasItsParameters() throws OrtException {
    Quantiles quantiles = new Quantiles(List.of(0.1, 0.25, 0.5, 0.9));
    Map<String, double[]> outputs = assertSameWhole(plain(new Head.Values(1, quantiles)), 4);
    double[] net = outputs.get("output");
    double[] first = quantiles.quantiles(Arrays.copyOf(net, 4));
    assertClose("quantiles", first, Arrays.copyOf(outputs.get("quantiles"), 4), CLOSE);
    Map<String, double[]> student =
        assertSameWhole(plain(new Head.Values(1, new LearnedStudentT())), 4);
    double[] own = Arrays.copyOf(student.get("output"), 3);
    assertEquals(Math.exp(own[1]), student.get("scale")[0], 1e-6);
    assertEquals(LearnedStudentT.degrees(own[2]), student.get("degrees")[0], 1e-6);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 30})
  void tags_byTwoScans_areTheBestPath(int steps) throws OrtException {
    Network network = plain(new Head.Tags(5));
    Map<String, double[]> outputs = assertSameWhole(network, steps);
    Runner runner = new Runner(network);
    int[] lengths = {steps, steps, steps};
    Matrix whole = runner.runWhole(new Inputs.Vectors(matrix(numbers(steps * B * I), I)), lengths);
    List<LinearChain.Path> best = runner.chain().best(whole, lengths);
    for (int b = 0; b < B; b++) {
      for (int t = 0; t < steps; t++) {
        assertEquals(best.get(b).tags()[t], outputs.get("tags")[t * B + b], "step " + t);
      }
    }
  }

  @Test
  void severalHeads_haveOutputsOfTheirNames() throws OrtException {
    SeveralHeads heads =
        SeveralHeads.of(
            new SeveralHeads.Part("level", new Head.Values(2, new ValueLoss.SquaredError())),
            new SeveralHeads.Part("kind", new PooledHead(new Head.Classes(3), Pooling.MEAN)));
    Network network = plain(heads);
    Map<String, double[]> outputs = assertSameWhole(network, 6);
    Matrix whole =
        new Runner(network).runWhole(new Inputs.Vectors(matrix(numbers(6 * B * I), I)), 6, 6, 6);
    assertClose("level.output", read(heads.outputs(whole, 0)), outputs.get("level.output"), CLOSE);
    Matrix kinds = heads.outputs(whole, 1);
    for (int b = 0; b < B; b++) {
      assertEquals(kinds.get(5 * B + b, 0), outputs.get("kind.output")[b * 3], 1e-6);
    }
  }

  @Test
  void tokens_lookedUp_areTiedToTheReadout() throws OrtException {
    NetworkSpec spec =
        new NetworkSpec(
            Cells.lstm(),
            new Encoder.Embedding(11, H),
            H,
            1,
            new Head.Classes(11),
            Set.of(Wiring.TIED));
    Network network = network(spec);
    int[] tokens = new Random(SEED).ints(20, 0, 11).toArray();
    Matrix whole = new Runner(network).runWhole(new Inputs.Tokens(tokens, 0), 10, 10);
    Path file =
        write(
            network,
            options ->
                new ExportOptions(
                    ExportOptions.States.NONE, OptionalInt.empty(), Optional.empty()));
    Map<String, double[]> outputs = run(file, Map.of("tokens", wholes(tokens, 10, 2)));
    assertClose("output", read(whole), outputs.get("output"), CLOSE);
    assertEquals(Set.of("output", "probabilities"), outputs.keySet());
  }

  @Test
  void columns_ofATable_areNumbersAndCategories() throws OrtException {
    Encoder.Columns columns =
        new Encoder.Columns(2, List.of(new Encoder.Embedding(4, 3), new Encoder.Embedding(3, 2)));
    Network network =
        network(
            new NetworkSpec(columns, List.of(new LayerSpec(Cells.gru(), H)), new Head.Classes(3)));
    float[] x = numbers(8 * 2);
    int[][] categories = {{0, 1, 2, 3, 3, 2, 1, 0}, {2, 1, 0, 2, 1, 0, 2, 1}};
    Matrix whole =
        new Runner(network)
            .runWhole(new Inputs.Columns(Optional.of(matrix(x, 2)), categories, 0), 4, 4);
    Path file =
        write(
            network,
            options ->
                new ExportOptions(
                    ExportOptions.States.NONE, OptionalInt.empty(), Optional.empty()));
    Map<String, GraphTensor> inputs =
        Map.of(
            "input", floats(x, 4, 2, 2),
            "category.0", wholes(categories[0], 4, 2),
            "category.1", wholes(categories[1], 4, 2));
    assertClose("output", read(whole), run(file, inputs).get("output"), CLOSE);
  }

  /// The check that stands between equations that look alike and an operator that computes something else.
  @Test
  void operator_ofOtherEquations_isNotTaken() {
    NativeCheck check = new NativeCheck(KERNELS, 17);
    NativeCell own = NativeCell.of(Cells.gru()).orElseThrow();
    NativeCell wrong =
        new NativeCell(
            own.operator(),
            own.cell(),
            own.gates(),
            own.recurrent(),
            own.peepholes(),
            own.activation(),
            false);
    assertTrue(check.agrees(own, Cells.gru()));
    assertFalse(check.agrees(wrong, Cells.gru()));
  }
}
