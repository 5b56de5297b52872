package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.model.Wiring;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The laws of sequences of different lengths and with missing steps, for every cell on every backend.
final class SequencesTest {
  private static final int T = 7;
  private static final int B = 5;
  private static final int I = 3;
  private static final int K = 4;
  private static final int[] LENGTHS = {4, 7, 0, 2, 7};
  private static final long SEED = Long.getLong("unfold.seed", 20261125L);
  private static final Team TEAM = Team.of(2);

  /// Every cell in layers of one direction and of both, on every backend.
  static Stream<Arguments> networks() {
    System.out.println("SequencesTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
    List<Kernels> backends =
        List.of(
            TestBackends.scalar(Precision.DOUBLE),
            TestBackends.scalar(Precision.FLOAT),
            TestBackends.best(Precision.FLOAT));
    List<Arguments> all = new ArrayList<>();
    for (Kernels kernels : backends) {
      for (Cell cell : cells()) {
        for (Set<Wiring> wiring : List.of(Set.<Wiring>of(), Set.of(Wiring.BIDIRECTIONAL))) {
          int layers = wiring.isEmpty() || !growsWithItsInput(cell) ? 2 : 1;
          all.add(
              Arguments.of(
                  new NetworkSpec(cell, new Encoder.Vectors(I), 19, layers, K, wiring), kernels));
        }
      }
    }
    return all.stream();
  }

  private static List<Cell> cells() {
    return Stream.concat(Cells.names().stream().map(Cells::named), OddCells.all().stream())
        .toList();
  }

  private static boolean growsWithItsInput(Cell cell) {
    return cell.output().size().letter().equals("I");
  }

  /// A batch as its caller sees it.
  private record Batch(int steps, int batch, boolean[] present, double[] input, int[] targets) {
    static Batch draw(int steps, int batch, boolean[] present) {
      Random random = new Random(SEED);
      double[] input = random.doubles((long) steps * batch * I, -1, 1).toArray();
      int[] targets = random.ints((long) steps * batch, 0, K).toArray();
      return new Batch(steps, batch, present, input, targets);
    }

    /// The same batch with `more` steps that are not there, whose input is not a number.
    Batch padded(int more) {
      boolean[] longer = Arrays.copyOf(present, (steps + more) * batch);
      double[] values = Arrays.copyOf(input, longer.length * I);
      for (int i = 0; i < values.length; i++) {
        values[i] = longer[i / I] ? values[i] : Double.NaN;
      }
      int[] classes = new int[longer.length];
      Arrays.fill(classes, K + 1);
      for (int row = 0; row < targets.length; row++) {
        classes[row] = present[row] ? targets[row] : K + 1;
      }
      return new Batch(steps + more, batch, longer, values, classes);
    }

    /// The steps that are there of sequence b alone.
    Batch alone(int b) {
      int[] rows =
          IntStream.range(0, present.length).filter(r -> r % batch == b && present[r]).toArray();
      boolean[] all = new boolean[rows.length];
      Arrays.fill(all, true);
      double[] own = new double[rows.length * I];
      for (int t = 0; t < rows.length; t++) {
        System.arraycopy(input, rows[t] * I, own, t * I, I);
      }
      int[] classes = Arrays.stream(rows).map(row -> targets[row]).toArray();
      return new Batch(rows.length, 1, all, own, classes);
    }
  }

  private static boolean[] present(int... lengths) {
    boolean[] present = new boolean[T * lengths.length];
    for (int row = 0; row < present.length; row++) {
      present[row] = row / lengths.length < lengths[row % lengths.length];
    }
    return present;
  }

  private static Network network(NetworkSpec spec, Kernels kernels) {
    return Network.create(spec, kernels, SEED);
  }

  private static State initial(UnrolledNetwork like, int batch, int from) {
    List<List<Matrix>> layers = new ArrayList<>();
    for (List<Matrix> states : like.initialStateGradient().layers()) {
      List<Matrix> own = new ArrayList<>();
      for (Matrix state : states) {
        Matrix drawn = Matrix.allocate(state.buffer().type(), batch, state.cols());
        for (int i = 0; i < batch * state.cols(); i++) {
          double value = Math.sin(0.7 * (i + from * state.cols()) + layers.size());
          drawn.set(i / state.cols(), i % state.cols(), value);
        }
        own.add(drawn);
      }
      layers.add(own);
    }
    return new State(layers);
  }

  private static UnrolledNetwork forward(Network network, Batch batch, int from) {
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, TEAM, batch.steps, batch.batch);
    unrolled.present(batch.present);
    for (int i = 0; i < batch.input.length; i++) {
      unrolled.input().set(i / I, i % I, batch.input[i]);
    }
    unrolled.start(initial(unrolled, batch.batch, from));
    unrolled.forward();
    return unrolled;
  }

  /// All numbers of a pass forward and back, by name.
  private static Map<String, double[]> run(Network network, Batch batch, Reduction reduction) {
    UnrolledNetwork unrolled = forward(network, batch, 0);
    Map<String, double[]> numbers = new LinkedHashMap<>();
    numbers.put("logits", Bits.toArray(unrolled.logits()));
    numbers.put("loss", new double[] {unrolled.loss(batch.targets, 0, reduction)});
    Parameters gradients = network.parameters().zeros();
    unrolled.backward(gradients);
    numbers.put("losses", unrolled.losses().clone());
    numbers.put("output", Bits.toArray(unrolled.output(0)));
    numbers.put("input gradient", Bits.toArray(unrolled.inputGradient()));
    Bits.put(gradients, numbers);
    Bits.put("final", unrolled.finalState(), numbers);
    Bits.put("derivative of initial", unrolled.initialStateGradient(), numbers);
    return numbers;
  }

  @ParameterizedTest
  @MethodSource("networks")
  void numbers_ofAPaddedBatch_areTheSameBits(NetworkSpec spec, Kernels kernels) {
    Network network = network(spec, kernels);
    Batch batch = Batch.draw(T, B, present(LENGTHS));
    for (Reduction reduction : Reduction.values()) {
      Map<String, double[]> expected = run(network, batch, reduction);
      Map<String, double[]> got = run(network, batch.padded(6), reduction);
      expected.forEach((name, values) -> assertStart(values, got.get(name), name));
    }
  }

  private static void assertStart(double[] expected, double[] got, String name) {
    assertArrayEquals(expected, Arrays.copyOf(got, expected.length), name);
    for (int i = expected.length; i < got.length; i++) {
      assertEquals(0, got[i], name);
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void sequence_inABatch_hasTheBitsThatItHasAlone(NetworkSpec spec, Kernels kernels) {
    Network network = network(spec, kernels);
    boolean[] present = present(LENGTHS);
    present[1 + B] = false;
    present[1 + 4 * B] = false;
    Batch batch = Batch.draw(T, B, present);
    UnrolledNetwork together = forward(network, batch, 0);
    Matrix logits = together.logits();
    State last = together.finalState();
    together.loss(batch.targets, 0, Reduction.SUM);
    together.backward(network.parameters().zeros());
    Matrix derivatives = together.inputGradient();
    for (int b = 0; b < B; b++) {
      Batch own = batch.alone(b);
      if (own.steps == 0) {
        continue;
      }
      UnrolledNetwork alone = forward(network, own, b);
      int t = 0;
      for (int row = b; row < present.length; row += B) {
        if (present[row]) {
          assertRow(alone.logits(), t, logits, row, "logits of row " + row);
          t++;
        }
      }
      for (int l = 0; l < last.layers().size(); l++) {
        for (int s = 0; s < last.layers().get(l).size(); s++) {
          Matrix expected = alone.finalState().layers().get(l).get(s);
          assertRow(expected, 0, last.layers().get(l).get(s), b, "state of sequence " + b);
        }
      }
      alone.loss(own.targets, 0, Reduction.SUM);
      alone.backward(network.parameters().zeros());
      t = 0;
      for (int row = b; row < present.length; row += B) {
        if (present[row]) {
          assertRow(alone.inputGradient(), t, derivatives, row, "derivative of row " + row);
          t++;
        }
      }
    }
  }

  private static void assertRow(Matrix expected, int row, Matrix got, int gotRow, String name) {
    assertArrayEquals(Bits.toArray(expected.rows(row, 1)), Bits.toArray(got.rows(gotRow, 1)), name);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void batch_withoutAnyStep_givesZeros(NetworkSpec spec, Kernels kernels) {
    Network network = network(spec, kernels);
    Batch batch = Batch.draw(T, 2, present(0, 0)).padded(0);
    for (Reduction reduction : Reduction.values()) {
      Map<String, double[]> numbers = run(network, batch, reduction);
      numbers.forEach((name, values) -> {
        if (!name.startsWith("final")) {
          assertArrayEquals(new double[values.length], values, name);
        }
      });
    }
    UnrolledNetwork unrolled = forward(network, batch, 0);
    List<double[]> initial = new ArrayList<>();
    initial(unrolled, 2, 0)
        .layers()
        .forEach(layer -> layer.forEach(state -> initial.add(Bits.toArray(state))));
    List<double[]> last = new ArrayList<>();
    unrolled
        .finalState()
        .layers()
        .forEach(layer -> layer.forEach(state -> last.add(Bits.toArray(state))));
    for (int i = 0; i < initial.size(); i++) {
      assertArrayEquals(initial.get(i), last.get(i), "state " + i);
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void losses_ofNoTarget_giveNoGradient(NetworkSpec spec, Kernels kernels) {
    Network network = network(spec, kernels);
    Batch batch = Batch.draw(T, B, present(LENGTHS));
    Arrays.fill(batch.targets, Targets.NO_TARGET);
    for (Reduction reduction : Reduction.values()) {
      Map<String, double[]> numbers = run(network, batch, reduction);
      assertEquals(0, numbers.get("loss")[0]);
      for (Parameters.Tensor tensor : network.parameters().tensors()) {
        double[] gradient = numbers.get(tensor.name());
        assertArrayEquals(new double[gradient.length], gradient, tensor.name());
      }
    }
  }

  static Stream<Arguments> networksOfOneDirection() {
    return networks().filter(arguments -> ((NetworkSpec) arguments.get()[0]).directions() == 1);
  }

  @ParameterizedTest
  @MethodSource("networksOfOneDirection")
  void sequence_cutInTwo_givesTheBitsOfTheWhole(NetworkSpec spec, Kernels kernels) {
    Network network = network(spec, kernels);
    Batch batch = Batch.draw(T, B, present(LENGTHS));
    UnrolledNetwork whole = forward(network, batch, 0);
    double[] logits = Bits.toArray(whole.logits());
    int cut = 3;
    UnrolledNetwork first = UnrolledNetwork.of(network, TEAM, cut, B);
    UnrolledNetwork second = UnrolledNetwork.of(network, TEAM, T - cut, B);
    first.present(Arrays.copyOf(batch.present, cut * B));
    second.present(Arrays.copyOfRange(batch.present, cut * B, T * B));
    for (int i = 0; i < batch.input.length; i++) {
      int row = i / I;
      Matrix input = row < cut * B ? first.input() : second.input();
      input.set(row < cut * B ? row : row - cut * B, i % I, batch.input[i]);
    }
    first.start(initial(whole, B, 0));
    first.forward();
    second.startAfter(first);
    second.forward();
    double[] halves = Arrays.copyOf(Bits.toArray(first.logits()), logits.length);
    double[] rest = Bits.toArray(second.logits());
    System.arraycopy(rest, 0, halves, logits.length - rest.length, rest.length);
    assertArrayEquals(logits, halves);
    Map<String, double[]> expected = new LinkedHashMap<>();
    Map<String, double[]> got = new LinkedHashMap<>();
    Bits.put("final", whole.finalState(), expected);
    Bits.put("final", second.finalState(), got);
    expected.forEach((name, values) -> assertArrayEquals(values, got.get(name), name));
  }

  @Test
  void numbers_ofUnequalSequences_areTheSameBitsForOneToFourThreads() {
    Kernels kernels = TestBackends.best(Precision.FLOAT);
    int[] lengths = {0, 90, 33, 200, 34, 1, 200};
    for (Cell cell :
        List.of(
            Cells.elman(Activation.TANH), Cells.lstm(), Cells.gru(), Cells.gru().withHeads(4))) {
      int hidden = cell.heads() == 1 ? 67 : 64;
      Set<Wiring> both = Set.of(Wiring.BIDIRECTIONAL);
      NetworkSpec spec = new NetworkSpec(cell, new Encoder.Vectors(I), hidden, 2, K, both);
      Map<String, double[]> expected = bits(spec, kernels, 1, lengths);
      for (int threads = 2; threads <= 4; threads++) {
        Map<String, double[]> got = bits(spec, kernels, threads, lengths);
        String what = cell.name() + ", " + threads + " threads: ";
        expected.forEach((name, values) -> assertArrayEquals(values, got.get(name), what + name));
      }
    }
  }

  private static Map<String, double[]> bits(
      NetworkSpec spec, Kernels kernels, int threads, int... lengths) {
    Problem problem = Problem.draw(spec, kernels, Team.of(threads), 200, lengths.length, SEED);
    problem.unrolled.lengths(lengths);
    return Bits.of(problem);
  }

  @Test
  void loss_ofEachReduction_isItsFormula() {
    Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Vectors(I), 3, 1, K);
    Network network = network(spec, kernels);
    Batch batch = Batch.draw(T, B, present(LENGTHS));
    batch.targets[B] = Targets.NO_TARGET;
    double[] losses = run(network, batch, Reduction.SUM).get("losses");
    double sum = Arrays.stream(losses).sum();
    assertEquals(0, losses[B]);
    int count = Arrays.stream(LENGTHS).sum() - 1;
    double ofSequences = 0;
    for (int b = 0; b < B; b++) {
      int own = LENGTHS[b] - (b == 0 ? 1 : 0);
      for (int t = 0; t < T; t++) {
        ofSequences += own == 0 ? 0 : losses[t * B + b] / own / 4;
      }
    }
    assertEquals(sum, run(network, batch, Reduction.SUM).get("loss")[0], 1e-14 * sum);
    assertEquals(sum / count, run(network, batch, Reduction.MEAN).get("loss")[0], 1e-14);
    assertEquals(
        ofSequences, run(network, batch, Reduction.MEAN_OF_SEQUENCES).get("loss")[0], 1e-14);
  }

  static Stream<Arguments> wirings() {
    List<Arguments> all = new ArrayList<>();
    for (Cell cell : cells()) {
      if (!Kinks.hasRelu(cell)) {
        int layers = growsWithItsInput(cell) ? 1 : 2;
        all.add(Arguments.of(cell, 2, Set.of(Wiring.RESIDUAL)));
        all.add(Arguments.of(cell, layers, Set.of(Wiring.BIDIRECTIONAL)));
      }
    }
    all.add(
        Arguments.of(Cells.lstm().withHeads(2), 3, Set.of(Wiring.BIDIRECTIONAL, Wiring.RESIDUAL)));
    all.add(Arguments.of(Cells.gru(), 3, Set.of(Wiring.BIDIRECTIONAL, Wiring.RESIDUAL)));
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("wirings")
  void gradients_ofUnequalSequences_areThoseOfTheLoss(Cell cell, int layers, Set<Wiring> wiring) {
    Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
    NetworkSpec spec = new NetworkSpec(cell, new Encoder.Vectors(2), 4, layers, 3, wiring);
    Problem problem = Problem.draw(spec, kernels, TEAM, 5, 3, SEED);
    boolean[] present = new boolean[15];
    for (int row : new int[] {0, 3, 9, 12, 2, 5, 8, 11}) {
      present[row] = true;
    }
    problem.unrolled.present(present);
    CentralDifferences differences = new CentralDifferences(problem::losses);
    for (Problem.Variable variable : problem.variables()) {
      differences.compare(variable.name(), variable.values(), variable.gradient());
    }
    assertTrue(differences.largest() < 1e-7, differences::place);
  }
}
