package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
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
import dev.unfold.model.Wiring;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.ErrorNorms;
import dev.unfold.sequence.ErrorSignals;
import dev.unfold.sequence.Inputs;
import dev.unfold.sequence.Truncation;
import dev.unfold.unroll.UnrolledNetwork;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Full, truncated and memory-budgeted back-propagation against the pairwise error signals and each other.
final class EnginesTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261126L);
  private static final Team TEAM = Team.of(2);
  private static final List<Cell> CELLS =
      List.of(Cells.elman(Activation.TANH), Cells.lstm(), Cells.gru(), Cells.lstm().withHeads(2));

  EnginesTest() {
    System.out.println("EnginesTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  private static final int I = 3;
  private static final int K = 4;

  private static Network network(Cell cell, Kernels kernels, int hidden, int layers) {
    NetworkSpec spec = new NetworkSpec(cell, new Encoder.Vectors(I), hidden, layers, K);
    return Network.create(spec, kernels, SEED);
  }

  private static Batch batch(int steps, int batch, Precision precision) {
    Random random = new Random(SEED);
    Matrix inputs = Matrix.allocate(precision.type(), steps * batch, I);
    for (int row = 0; row < inputs.rows(); row++) {
      for (int col = 0; col < I; col++) {
        inputs.set(row, col, random.nextDouble(-1, 1));
      }
    }
    int[] targets = random.ints((long) steps * batch, 0, K).toArray();
    return Batch.of(steps, batch, new Inputs.Vectors(inputs), new Targets.Classes(targets, 0));
  }

  private static Map<String, double[]> run(Bptt bptt, Network network, Batch batch) {
    Parameters gradients = network.parameters().zeros();
    Map<String, double[]> numbers = new LinkedHashMap<>();
    numbers.put("loss", new double[] {bptt.gradient(batch, Reduction.MEAN, gradients)});
    numbers.put("losses", bptt.losses().clone());
    Bits.put(gradients, numbers);
    Bits.put("final", bptt.finalState(), numbers);
    Bits.put("derivative of initial", bptt.initialStateGradient(), numbers);
    return numbers;
  }

  private static void assertSame(
      Map<String, double[]> expected, Map<String, double[]> got, String what) {
    expected.forEach((name, values) -> assertArrayEquals(values, got.get(name), what + name));
  }

  private int budgets;

  @Test
  void budgeted_ofTiedWeights_givesTheBitsOfTheWhole() {
    Kernels kernels = TestBackends.best(Precision.FLOAT);
    NetworkSpec spec =
        new NetworkSpec(
            Cells.lstm(),
            new Encoder.Embedding(9, 7),
            7,
            2,
            9,
            Set.of(Wiring.TIED, Wiring.RESIDUAL));
    Network network = Network.create(spec, kernels, SEED);
    int[] tokens = new Random(SEED).ints(302 * 3, 0, 9).toArray();
    Batch batch = Batch.of(300, 3, new Inputs.Tokens(tokens, 0), new Targets.Classes(tokens, 3));
    checkBudgets(network, batch, 300);
    assertTrue(budgets >= 2, "budgets: " + budgets);
  }

  @Test
  void budgeted_afterABatchThatFailed_hasNothingLeftOfIt() {
    Kernels kernels = TestBackends.best(Precision.FLOAT);
    NetworkSpec spec =
        new NetworkSpec(Cells.gru(), new Encoder.Embedding(9, 7), 7, 1, 9, Set.of(Wiring.TIED));
    Network network = Network.create(spec, kernels, SEED);
    int[] tokens = new Random(SEED).ints(301 * 2, 0, 9).toArray();
    int[] broken = tokens.clone();
    broken[2] = 77;
    Inputs inputs = new Inputs.Tokens(tokens, 0);
    Batch good = Batch.of(300, 2, inputs, new Targets.Classes(tokens, 2));
    Batch bad = Batch.of(300, 2, inputs, new Targets.Classes(broken, 2));
    long least = Footprint.leastBudget(spec, Precision.FLOAT, 300, 2);
    Bptt bptt = Bptt.of(network, Team.of(1), 300, 2, new Engine.Budgeted(least));
    Parameters expected = network.parameters().zeros();
    bptt.gradient(good, Reduction.SUM, expected);
    Parameters got = network.parameters().zeros();
    bptt.startFromZero();
    assertThrows(RuntimeException.class, () -> bptt.gradient(bad, Reduction.SUM, got));
    got.buffer().clear();
    bptt.startFromZero();
    bptt.gradient(good, Reduction.SUM, got);
    assertArrayEquals(expected.buffer().toArray(), got.buffer().toArray());
  }

  @Test
  void budgeted_ofAnyMemory_givesTheBitsOfTheWhole() {
    List<Kernels> backends =
        List.of(TestBackends.scalar(Precision.DOUBLE), TestBackends.best(Precision.FLOAT));
    for (Kernels kernels : backends) {
      for (Cell cell : CELLS) {
        for (int[] sizes : new int[][] {{330, 1}, {300, 3}, {100, 16}, {37, 40}}) {
          Network network = network(cell, kernels, 6, 2);
          Batch plain = batch(sizes[0], sizes[1], kernels.precision());
          for (Batch batch : List.of(plain, unequal(plain), shorter(plain))) {
            checkBudgets(network, batch, sizes[0]);
          }
        }
      }
    }
    assertTrue(budgets >= 100, "only " + budgets + " budgets were large enough to be tried");
  }

  /// Sequences of different lengths, with missing steps.
  private static Batch unequal(Batch batch) {
    Random random = new Random(SEED);
    boolean[] present = new boolean[batch.steps() * batch.batch()];
    for (int row = 0; row < present.length; row++) {
      int length = batch.steps() * (1 + row % batch.batch()) / batch.batch();
      present[row] = row / batch.batch() < length && random.nextInt(4) > 0;
    }
    return new Batch(
        batch.steps(), batch.batch(), batch.inputs(), batch.targets(), Optional.of(present));
  }

  private static Batch shorter(Batch batch) {
    return Batch.of(2 * batch.steps() / 3, batch.batch(), batch.inputs(), batch.targets());
  }

  private void checkBudgets(Network network, Batch batch, int steps) {
    Bptt full = Bptt.of(network, TEAM, steps, batch.batch(), new Engine.Full());
    Map<String, double[]> first = run(full, network, batch);
    full.startAfterLast();
    Map<String, double[]> second = run(full, network, batch);
    for (double share : new double[] {1.2, 0.5, 0.3, 0.2}) {
      long bytes = (long) (share * full.bytes());
      if (bytes < least(network, steps, batch.batch())) {
        continue;
      }
      budgets++;
      Engine engine = new Engine.Budgeted(bytes);
      Bptt budgeted = Bptt.of(network, TEAM, steps, batch.batch(), engine);
      assertTrue(budgeted.bytes() <= bytes, "budget " + bytes + ", took " + budgeted.bytes());
      String what = network.spec().cell().name() + " T=" + batch.steps() + " " + share + ": ";
      assertSame(first, run(budgeted, network, batch), what);
      budgeted.startAfterLast();
      assertSame(second, run(budgeted, network, batch), what + "second ");
    }
  }

  /// The least budget, as the refusal of a smaller one names it.
  private static long least(Network network, int steps, int batch) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Bptt.of(network, TEAM, steps, batch, new Engine.Budgeted(1)));
    return Long.parseLong(
        e.getMessage()
            .replaceAll("memory: expected [\\d.]+ MB \\((\\d+) bytes\\) or more .*", "$1"));
  }

  @Test
  void budgeted_ofTheLeastMemory_works() {
    Kernels kernels = TestBackends.best(Precision.FLOAT);
    Network network = network(Cells.lstm(), kernels, 5, 1);
    Batch batch = batch(600, 2, kernels.precision());
    long least = least(network, 600, 2);
    Bptt full = Bptt.of(network, TEAM, 600, 2, new Engine.Full());
    Bptt budgeted = Bptt.of(network, TEAM, 600, 2, new Engine.Budgeted(least));
    assertSame(run(full, network, batch), run(budgeted, network, batch), "");
    assertTrue(least < 0.15 * full.bytes(), least + " of " + full.bytes());
    assertTrue(budgeted.relativeTime() > 1.3);
    assertThrows(
        IllegalArgumentException.class,
        () -> Bptt.of(network, TEAM, 600, 2, new Engine.Budgeted(least - 1)));
  }

  @Test
  void truncated_ofAnyWindowAndReach_isTheSumOverItsPairs() {
    Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
    int steps = 13;
    int size = 2;
    for (Cell cell : CELLS) {
      Network network = network(cell, kernels, 6, 2);
      Batch batch = batch(steps, size, Precision.DOUBLE);
      for (int[] cut : new int[][] {{1, 1}, {1, 4}, {3, 3}, {4, 6}, {5, 13}, {13, 13}, {20, 30}}) {
        Truncation truncation = new Truncation(cut[0], cut[1]);
        Parameters got = network.parameters().zeros();
        Bptt.of(network, TEAM, steps, size, new Engine.Truncated(truncation))
            .gradient(batch, Reduction.SUM, got);
        Parameters expected = pairs(network, batch, truncation);
        for (Parameters.Tensor tensor : expected.tensors()) {
          double[] values = Bits.toArray(expected.matrix(tensor.name()));
          double[] others = Bits.toArray(got.matrix(tensor.name()));
          for (int i = 0; i < values.length; i++) {
            String what = cell.name() + " " + truncation + " " + tensor.name() + " " + i;
            assertEquals(values[i], others[i], 1e-12 * Math.max(1, Math.abs(values[i])), what);
          }
        }
      }
    }
  }

  /// The gradients that the pairs of `truncation` give, from the error signals of each pair.
  private static Parameters pairs(Network network, Batch batch, Truncation truncation) {
    int steps = batch.steps();
    int size = batch.batch();
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, TEAM, steps, size);
    Matrix inputs = ((Inputs.Vectors) batch.inputs()).values();
    unrolled.input().buffer().copy(inputs.buffer(), 0, 0, inputs.buffer().length());
    unrolled.forward();
    unrolled.loss(batch.targets(), Reduction.SUM);
    ErrorSignals signals = unrolled.errorSignals();
    Parameters sum = network.parameters().zeros();
    for (int t = 0; t < steps; t++) {
      int until = Math.min((t / truncation.window() + 1) * truncation.window(), steps);
      add(signals.gradients().get(t).matrix("head.weight"), sum.matrix("head.weight"));
      add(signals.gradients().get(t).matrix("head.bias"), sum.matrix("head.bias"));
      for (int layer = 0; layer < network.spec().layers(); layer++) {
        Matrix below = layer == 0 ? unrolled.input() : unrolled.output(layer - 1);
        for (int row = Math.max(0, until - truncation.reach()) * size; row < steps * size; row++) {
          List<Matrix> deltas = signals.deltas().get(t).get(layer);
          String suffix = "_l" + layer;
          int ih = signals.groups().indexOf("ih");
          int hh = signals.groups().indexOf("hh");
          addProduct(deltas.get(ih), row, below, row, sum.matrix("weight_ih" + suffix));
          addProduct(
              deltas.get(hh),
              row,
              unrolled.output(layer),
              row - size,
              sum.matrix("weight_hh" + suffix));
          add(deltas.get(ih).rows(row, 1), sum.matrix("bias_ih" + suffix));
          add(deltas.get(hh).rows(row, 1), sum.matrix("bias_hh" + suffix));
        }
      }
    }
    return sum;
  }

  private static void addProduct(Matrix delta, int row, Matrix operand, int from, Matrix to) {
    for (int r = 0; r < to.rows() && from >= 0; r++) {
      // A head's rows read its own part of the operand.
      int first = r % operand.cols() / to.cols() * to.cols();
      for (int c = 0; c < to.cols(); c++) {
        double product = Numbers.get(delta, row, r) * Numbers.get(operand, from, first + c);
        Numbers.set(to, r, c, Numbers.get(to, r, c) + product);
      }
    }
  }

  private static void add(Matrix from, Matrix to) {
    for (int r = 0; r < to.rows(); r++) {
      for (int c = 0; c < to.cols(); c++) {
        Numbers.set(to, r, c, Numbers.get(to, r, c) + Numbers.get(from, r, c));
      }
    }
  }

  @Test
  void errorNorms_ofEveryEngine_areThoseOfTheErrorSignals() {
    Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
    Network network = network(Cells.elman(Activation.TANH), kernels, 5, 1);
    int steps = 300;
    Batch batch = batch(steps, 2, Precision.DOUBLE);
    Bptt full = Bptt.of(network, TEAM, steps, 2, new Engine.Full());
    ErrorNorms expected = full.watchErrors();
    run(full, network, batch);
    Bptt budgeted = Bptt.of(network, TEAM, steps, 2, new Engine.Budgeted(full.bytes() / 2));
    ErrorNorms got = budgeted.watchErrors();
    run(budgeted, network, batch);
    for (int t = 0; t < steps; t++) {
      assertEquals(expected.at(0, t), got.at(0, t));
      assertTrue(expected.at(0, t) > 0);
    }
    Truncation windows = new Truncation(10, 10);
    Bptt truncated = Bptt.of(network, TEAM, steps, 2, new Engine.Truncated(windows));
    ErrorNorms cut = truncated.watchErrors();
    run(truncated, network, batch);
    // The last window is not cut off from any later error.
    for (int t = steps - 10; t < steps; t++) {
      assertEquals(expected.at(0, t), cut.at(0, t), 1e-15);
    }
  }

  @Test
  void footprint_ofEveryEngine_isWhatIsAllocated() throws InterruptedException {
    for (Cell cell : CELLS) {
      for (Set<Wiring> wiring : List.of(Set.<Wiring>of(), Set.of(Wiring.RESIDUAL))) {
        NetworkSpec spec = new NetworkSpec(cell, new Encoder.Embedding(50, 64), 128, 2, 50, wiring);
        Network network = Network.create(spec, TestBackends.best(Precision.FLOAT), SEED);
        checkFootprint(network, new Engine.Full());
        checkFootprint(network, new Engine.Budgeted(8L << 20));
      }
      NetworkSpec both =
          new NetworkSpec(cell, new Encoder.Vectors(64), 128, 2, 50, Set.of(Wiring.BIDIRECTIONAL));
      Encoder table = new Encoder.Columns(40, List.of(new Encoder.Embedding(50, 24)));
      checkFootprint(
          Network.create(
              new NetworkSpec(cell, table, 128, 2, 50), TestBackends.best(Precision.FLOAT), SEED),
          new Engine.Truncated(new Truncation(100, 100)));
      checkFootprint(
          Network.create(both, TestBackends.best(Precision.FLOAT), SEED), new Engine.Full());
    }
  }

  private static void checkFootprint(Network network, Engine engine) throws InterruptedException {
    int steps = 1000;
    int batch = 4;
    long predicted = Footprint.of(network.spec(), Precision.FLOAT, steps, batch, engine);
    long took = 0;
    // What was allocated before may be freed meanwhile: then it is measured again.
    for (int attempt = 0; attempt < 10 && !isNear(took, predicted); attempt++) {
      System.gc();
      Thread.sleep(100);
      long before = allocated();
      Bptt bptt = Bptt.of(network, TEAM, steps, batch, engine);
      took = allocated() - before;
      assertEquals(predicted, bptt.bytes());
    }
    String what = network.spec() + " " + engine + ": predicted " + predicted + ", took " + took;
    assertTrue(isNear(took, predicted), what);
  }

  /// Arrays in the heap are predicted too, and what the lines of the cache add is not; both are no tenth of it.
  private static boolean isNear(long took, long predicted) {
    return Math.abs(took - predicted) < 0.1 * predicted;
  }

  /// Bytes outside the heap.
  private static long allocated() {
    List<BufferPoolMXBean> pools =
        new ArrayList<>(ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class));
    return pools.stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}
