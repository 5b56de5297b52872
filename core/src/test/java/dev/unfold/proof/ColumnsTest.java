package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.check.GradientCheck;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.infer.Runner;
import dev.unfold.infer.Stepper;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.model.Wiring;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Example;
import dev.unfold.sequence.Inputs;
import dev.unfold.sequence.Truncation;
import dev.unfold.train.data.SequenceData;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows of numbers and categories as the input.
final class ColumnsTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261205L);
  private static final int N = 3;
  private static final int K = 4;

  /// With widths that fill no vector.
  private static final List<Encoder.Embedding> TABLES =
      List.of(new Encoder.Embedding(5, 3), new Encoder.Embedding(2, 9));

  private static final Encoder.Columns MIXED = new Encoder.Columns(N, TABLES);
  private static final Kernels DOUBLES = TestBackends.scalar(Precision.DOUBLE);
  private static final Kernels FLOATS = TestBackends.best(Precision.FLOAT);
  private static final int T = 300;
  private static final int B = 3;

  private final Random random = new Random(SEED);

  ColumnsTest() {
    System.out.println("ColumnsTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  private static NetworkSpec spec(Encoder encoder) {
    return new NetworkSpec(Cells.lstm(), encoder, 5, 2, K);
  }

  static Stream<NetworkSpec> specs() {
    Head values = new Head.Values(2, new ValueLoss.Gaussian());
    return Stream.of(
        spec(MIXED),
        spec(new Encoder.Columns(0, TABLES)),
        spec(new Encoder.Columns(N, List.of())),
        new NetworkSpec(Cells.gru(), MIXED, 4, 1, values, Set.of(Wiring.BIDIRECTIONAL)),
        new NetworkSpec(Cells.gru(), MIXED, 4, 1, new PooledHead(values, Pooling.MEAN)));
  }

  @ParameterizedTest
  @MethodSource("specs")
  void gradient_ofNumbersAndCategories_isThatOfTheLoss(NetworkSpec spec) {
    GradientCheck.of(Network.create(spec, DOUBLES, 1), 6, 3).expectPassed();
  }

  private Matrix numbers(Kernels kernels, int rows, int width) {
    Matrix numbers = Matrix.allocate(kernels.type(), rows, width);
    for (int i = 0; i < rows * width; i++) {
      numbers.set(i / width, i % width, random.nextDouble(-1, 1));
    }
    return numbers;
  }

  private int[] categories(int rows, int vocabulary) {
    return random.ints(rows, 0, vocabulary).toArray();
  }

  private Inputs.Columns mixed(Kernels kernels, int rows) {
    return new Inputs.Columns(numbers(kernels, rows, N), categories(rows, 5), categories(rows, 2));
  }

  private static Network copyOf(Network other, Encoder encoder, String from, String to) {
    Network copy = Network.zeros(spec(encoder).with(other.spec().noise()), other.kernels());
    for (Parameters.Tensor tensor : copy.parameters().tensors()) {
      String name = tensor.name().equals(to) ? from : tensor.name();
      copy.parameters().matrix(tensor.name()).copy(other.parameters().matrix(name));
    }
    copy.parameters().changed();
    return copy;
  }

  private static Map<String, double[]> run(Bptt bptt, Network network, Batch batch) {
    Parameters gradients = network.parameters().zeros();
    Map<String, double[]> numbers = new LinkedHashMap<>();
    bptt.drawMasks(7);
    numbers.put("loss", new double[] {bptt.gradient(batch, Reduction.MEAN, gradients)});
    numbers.put("losses", bptt.losses().clone());
    Bits.put(gradients, numbers);
    Bits.put("final", bptt.finalState(), numbers);
    Bits.put("derivative of initial", bptt.initialStateGradient(), numbers);
    return numbers;
  }

  private static List<Engine> engines(NetworkSpec spec) {
    long bytes = Footprint.of(spec, FLOATS.precision(), T, B, new Engine.Full());
    return List.of(
        new Engine.Full(),
        new Engine.Truncated(new Truncation(40, 70)),
        new Engine.Budgeted(bytes / 2));
  }

  /// All engines, teams and masks, with steps that are missing.
  private void assertSameNumbers(Network a, Inputs ofA, Network b, Inputs ofB, String renamed) {
    boolean[] present = new boolean[T * B];
    for (int row = 0; row < present.length; row++) {
      present[row] = row / B < T - 40 * (row % B) && random.nextInt(4) > 0;
    }
    Targets targets = new Targets.Classes(categories(T * B, K), 0);
    for (Optional<boolean[]> there : List.of(Optional.<boolean[]>empty(), Optional.of(present))) {
      for (Engine engine : engines(a.spec())) {
        Batch first = new Batch(T, B, ofA, targets, there);
        Batch second = new Batch(T, B, ofB, targets, there);
        Map<String, double[]> expected = run(Bptt.of(a, Team.of(1), T, B, engine), a, first);
        Map<String, double[]> got = run(Bptt.of(b, Team.of(3), T, B, engine), b, second);
        assertEquals(expected.size(), got.size());
        expected.forEach((name, values) -> {
          String own = name.equals(Network.EMBEDDING) ? renamed : name;
          assertArrayEquals(values, got.get(own), engine + ": " + name);
        });
      }
    }
  }

  private static List<Noise> noises() {
    return List.of(Noise.NONE, Noise.dropout(0.3), Noise.dropout(0.3).variational());
  }

  @Test
  void columns_ofNumbersAlone_giveTheBitsOfVectors() {
    for (Noise noise : noises()) {
      Network vectors = Network.create(spec(new Encoder.Vectors(N)).with(noise), FLOATS, SEED);
      Network columns = copyOf(vectors, new Encoder.Columns(N, List.of()), "", "");
      Matrix numbers = numbers(FLOATS, T * B, N);
      Inputs given = new Inputs.Columns(numbers);
      assertSameNumbers(vectors, new Inputs.Vectors(numbers), columns, given, "");
    }
  }

  @Test
  void columns_ofOneCategory_giveTheBitsOfTokens() {
    String renamed = "embedding.0.weight";
    for (Noise noise : noises()) {
      Network tokens = Network.create(spec(new Encoder.Embedding(11, 6)).with(noise), FLOATS, SEED);
      Encoder encoder = new Encoder.Columns(0, List.of(new Encoder.Embedding(11, 6)));
      Network columns = copyOf(tokens, encoder, Network.EMBEDDING, renamed);
      int[] given = categories(T * B + 5, 11);
      Inputs.Columns all = new Inputs.Columns(Optional.empty(), new int[][] {given}, 5);
      assertSameNumbers(tokens, new Inputs.Tokens(given, 5), columns, all, renamed);
    }
  }

  /// By its definition: the first layer receives the numbers, and after them what the tables have.
  @Test
  void columns_ofNumbersAndCategories_areTheVectorThatTheyStandFor() {
    Network columns = Network.create(spec(MIXED), FLOATS, SEED);
    Inputs.Columns all = mixed(FLOATS, T * B);
    Matrix wide = Matrix.allocate(FLOATS.type(), T * B, MIXED.width());
    Parameters parameters = columns.parameters();
    for (int row = 0; row < T * B; row++) {
      wide.columns(0, N).copyRow(all.numbers().orElseThrow(), row, row);
      int column = N;
      for (int c = 0; c < 2; c++) {
        Matrix table = parameters.matrix("embedding." + c + ".weight").toHost();
        Matrix own = wide.columns(column, table.cols());
        own.copyRow(table, all.categories()[c][row], row);
        column += table.cols();
      }
    }
    assertEquals(15, MIXED.width());
    Network vectors = copyOf(columns, new Encoder.Vectors(15), "", "");
    Targets targets = new Targets.Classes(categories(T * B, K), 0);
    Batch batch = Batch.of(T, B, new Inputs.Vectors(wide), targets);
    UnrolledNetwork unrolled = UnrolledNetwork.of(vectors, Team.of(2), T, B);
    double loss = unrolled.loss(batch, Reduction.SUM);
    Parameters expected = vectors.parameters().zeros();
    unrolled.backward(expected);
    Matrix toInput = unrolled.inputGradient();
    for (int threads = 1; threads <= 4; threads++) {
      UnrolledNetwork own = UnrolledNetwork.of(columns, Team.of(threads), T, B);
      Parameters got = columns.parameters().zeros();
      assertEquals(loss, own.loss(Batch.of(T, B, all, targets), Reduction.SUM));
      own.backward(got);
      assertArrayEquals(Bits.toArray(toInput), Bits.toArray(own.inputGradient()));
      for (Parameters.Tensor tensor : expected.tensors()) {
        assertArrayEquals(
            Bits.toArray(expected.matrix(tensor.name())),
            Bits.toArray(got.matrix(tensor.name())),
            tensor.name());
      }
      int column = N;
      for (int c = 0; c < 2; c++) {
        Encoder.Embedding table = TABLES.get(c);
        double[] sums = new double[table.vocabulary() * table.width()];
        for (int row = 0; row < T * B; row++) {
          for (int i = 0; i < table.width(); i++) {
            sums[all.categories()[c][row] * table.width() + i] += toInput.get(row, column + i);
          }
        }
        double[] derivatives = Bits.toArray(got.matrix("embedding." + c + ".weight"));
        // Sums of up to T B floats, of which none is above 1.
        assertArrayEquals(sums, derivatives, 4e-5);
        assertTrue(Arrays.stream(derivatives).allMatch(d -> d != 0));
        column += table.width();
      }
    }
  }

  @Test
  void batch_ofExamplesOfDifferentLengths_givesTheBitsOfEachAlone() {
    Network network = Network.create(spec(MIXED), FLOATS, SEED);
    List<Example> examples = new ArrayList<>();
    for (int length : new int[] {4, 9, 1}) {
      examples.add(
          new Example(mixed(FLOATS, length), new Targets.Classes(categories(length, K), 0)));
    }
    Batch padded = Batch.of(examples, 4);
    UnrolledNetwork all = UnrolledNetwork.of(network, Team.of(2), 9, 4);
    all.loss(padded, Reduction.SUM);
    for (int b = 0; b < 3; b++) {
      int steps = examples.get(b).steps();
      UnrolledNetwork own = UnrolledNetwork.of(network, Team.of(1), steps, 1);
      own.loss(Batch.of(examples.subList(b, b + 1)), Reduction.SUM);
      for (int t = 0; t < steps; t++) {
        assertEquals(own.losses()[t], all.losses()[t * 4 + b]);
      }
      UnrolledNetwork cut = UnrolledNetwork.of(network, Team.of(1), 9, 1);
      cut.loss(padded.sequence(b), Reduction.SUM);
      assertArrayEquals(own.losses(), Arrays.copyOf(cut.losses(), steps));
    }
    SequenceData data = new SequenceData(examples, 2, OptionalLong.empty());
    assertEquals(2, data.updatesPerEpoch());
  }

  @Test
  void stepper_ofColumns_givesTheBitsOfARunOverAll() {
    Network network = Network.create(spec(MIXED), FLOATS, SEED);
    Inputs.Columns all = mixed(FLOATS, 7 * B);
    State zero = network.zeroState(B);
    Matrix expected = new Runner(network).run(all, zero).outputs();
    Stepper stepper = new Runner(network).stepper(1, B);
    for (int t = 0; t < 7; t++) {
      // Without numbers the rest of the array would be rows, too.
      Matrix got = stepper.run(all.part(t * B, B));
      assertArrayEquals(Bits.toArray(expected.rows(t * B, B)), Bits.toArray(got));
    }
  }

  @Test
  void part_ofColumns_copiesNothing() {
    Inputs.Columns all = mixed(FLOATS, 8);
    Inputs.Columns part = (Inputs.Columns) all.part(2, 5).part(1, 3);
    assertEquals(3, part.rows());
    assertSame(all.numbers().orElseThrow().buffer(), part.numbers().orElseThrow().buffer());
    assertSame(all.categories(), part.categories());
    assertEquals(3, part.from());
    Inputs.Columns some = part.select(2, 0);
    assertEquals(all.categories()[1][5], some.categories()[1][0]);
    assertEquals(all.numbers().orElseThrow().get(3, 1), some.numbers().orElseThrow().get(1, 1));
  }

  @Test
  void width_ofAVocabulary_isHalfOfItUpToFifty() {
    assertEquals(1, Encoder.width(1));
    assertEquals(1, Encoder.width(2));
    assertEquals(2, Encoder.width(3));
    assertEquals(50, Encoder.width(99));
    assertEquals(50, Encoder.width(Integer.MAX_VALUE));
    refused("vocabulary: expected V of 1 or more, got 0", () -> Encoder.width(0));
  }

  @Test
  void columns_thatDoNotFit_areRefused() {
    refused("numbers: expected N of 0 or more, got -1", () -> new Encoder.Columns(-1, TABLES));
    refused(
        "columns: expected a number or a category, got none",
        () -> new Encoder.Columns(0, List.of()));
    refused(
        "columns: expected a number or a category, got none",
        () -> new Inputs.Columns(Optional.empty(), new int[0][], 0));
    refused(
        "categories[1]: expected 2 rows from 0 on, as the first column has, got 1",
        () -> new Inputs.Columns(Optional.empty(), new int[][] {{0, 1}, {1}}, 0));
    refused(
        "categories[0]: expected 3 rows from 0 on, as the first column has, got 2",
        () -> new Inputs.Columns(numbers(FLOATS, 3, 1), new int[2]));
    refused(
        "categories: expected a start from 0 on, got -1",
        () -> new Inputs.Columns(Optional.empty(), new int[1][4], -1));
    Network network = Network.create(spec(MIXED), FLOATS, SEED);
    Runner runner = new Runner(network);
    State zero = network.zeroState(1);
    Matrix numbers = numbers(FLOATS, 2, N);
    refused(
        "categories[1][1]: expected 0 to V-1=1, got 2",
        () -> runner.run(new Inputs.Columns(numbers, new int[2], new int[] {1, 2}), zero));
    refused(
        "inputs: expected C=2 categories, got 1",
        () -> runner.run(new Inputs.Columns(numbers, new int[2]), zero));
    refused(
        "inputs: expected N=3, got 0",
        () -> runner.run(new Inputs.Columns(Optional.empty(), new int[2][2], 0), zero));
    refused(
        "inputs: expected columns, got vectors",
        () -> runner.run(new Inputs.Vectors(numbers), zero));
    refused(
        "inputs: expected FLOAT32, got FLOAT64",
        () -> runner.run(new Inputs.Columns(numbers(DOUBLES, 2, N), new int[2][2]), zero));
    numbers.set(1, 2, Double.NaN);
    Inputs missing = new Inputs.Columns(numbers, new int[2][2]);
    refused(
        "inputs: expected finite numbers, got NaN in sequence 0, step 1, column 2",
        () -> Batch.of(2, 1, missing, new Targets.Classes(new int[2], 0)).expectFinite(FLOATS));
    Example one = new Example(mixed(FLOATS, 2), new Targets.Classes(new int[2], 0));
    Inputs fewer = new Inputs.Columns(numbers(FLOATS, 2, N), new int[2]);
    Example other = new Example(fewer, new Targets.Classes(new int[2], 0));
    refused(
        "examples[1]: expected N=3 numbers and C=2 categories, as the first has, got N=3 and C=1",
        () -> Batch.of(List.of(one, other)));
    refused(
        "examples[1]: expected rows of 3 FLOAT32 and 2 categories with classes, as the first, "
            + "got rows of 3 FLOAT32 and 1 categories with classes",
        () -> new SequenceData(List.of(one, other), 1, OptionalLong.empty()));
  }

  private static void refused(String message, Runnable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
  }
}
