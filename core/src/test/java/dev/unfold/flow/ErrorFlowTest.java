package dev.unfold.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.Size;
import dev.unfold.cell.Start;
import dev.unfold.cell.library.Cells;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import dev.unfold.model.init.Initialization;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.ErrorNorms;
import dev.unfold.sequence.ErrorSignals;
import dev.unfold.sequence.Inputs;
import dev.unfold.sequence.Truncation;
import dev.unfold.train.Budget;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.data.TextData;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Errors followed back side by side, against each followed back alone; and networks whose error flow is known.
final class ErrorFlowTest {
  private static final Head SQUARED = new Head.Values(3, new ValueLoss.SquaredError());

  private static final long SEED = Long.getLong("unfold.seed", 20261127L);
  private static final Kernels KERNELS = TestBackends.scalar(Precision.DOUBLE);
  private static final int B = 3;
  private static final int K = 4;

  private final Random random = new Random(SEED);

  ErrorFlowTest() {
    System.out.println("ErrorFlowTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  private Batch batch(int steps, int size) {
    int[] tokens = random.ints((long) (steps + 1) * size, 0, K).toArray();
    return Batch.of(steps, size, new Inputs.Tokens(tokens, 0), new Targets.Classes(tokens, size));
  }

  private static Network network(Cell cell, int layers, Wiring... wiring) {
    int hidden = cell.heads() == 1 ? 5 : 2 * cell.heads();
    Set<Wiring> all = Set.copyOf(Arrays.asList(wiring));
    NetworkSpec spec = new NetworkSpec(cell, new Encoder.Embedding(K, 3), hidden, layers, K, all);
    return Network.create(spec, KERNELS, SEED);
  }

  @ParameterizedTest
  @MethodSource("dev.unfold.cell.library.Cells#names")
  void flow_ofEachErrorTime_isThatOfThePairwiseOracle(String name) {
    int steps = 25;
    Network network = network(Cells.named(name), 2, Wiring.RESIDUAL);
    // The residual connection needs equal widths, which lie between the layers.
    Batch batch = batch(steps, B);
    UnrolledNetwork alone = UnrolledNetwork.of(network, Team.of(1), steps, B);
    alone.loss(batch, Reduction.SUM);
    ErrorSignals oracle = alone.errorSignals();
    ErrorFlow flow = ErrorFlow.of(network, Team.of(2), batch, ErrorFlow.allTimes(steps));
    assertEquals(steps, flow.times().size());
    for (int l = 0; l < 2; l++) {
      ErrorFlow.Layer layer = flow.layers().get(l);
      assertEquals("l" + l, layer.name());
      for (int t = 0; t < steps; t++) {
        double[] own = step(oracle.deltas().get(t).get(l).getFirst(), t);
        for (int s = 0; s < steps; s++) {
          double[] delta = step(oracle.deltas().get(t).get(l).getFirst(), s);
          double norm = Math.sqrt(product(delta, delta));
          assertEquals(norm, layer.norms()[t][s], 1e-10 * Math.max(norm, 1e-300));
          double scale = norm * Math.sqrt(product(own, own));
          double cosine = scale == 0 ? 0 : product(delta, own) / scale;
          assertEquals(cosine, layer.cosines()[t][s], 1e-10);
        }
      }
    }
  }

  private static double[] step(Matrix deltas, int t) {
    double[] numbers = new double[B * deltas.cols()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = deltas.get(t * B + i / deltas.cols(), i % deltas.cols());
    }
    return numbers;
  }

  private static double product(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /// The gradient through lags up to k is that of windows of one step and a reach of k + 1.
  @ParameterizedTest
  @CsvSource({
    "elman, 1",
    "lstm, 1",
    "gru, 1",
    "gru_reset_before, 1",
    "lstm, 3",
    "gru_reset_before, 2"
  })
  void shares_ofEachLag_areThoseOfTruncatedGradients(String name, int heads) {
    int steps = 12;
    Network network = network(Cells.named(name).withHeads(heads), 2);
    Batch batch = batch(steps, B);
    ErrorFlow flow = ErrorFlow.of(network, Team.of(2), batch, ErrorFlow.allTimes(steps));
    Parameters whole = gradient(network, batch, new Engine.Full());
    Parameters before = network.parameters().zeros();
    for (int k = 0; k < steps; k++) {
      Parameters upTo = gradient(network, batch, new Engine.Truncated(new Truncation(1, k + 1)));
      for (ErrorFlow.Layer layer : flow.layers()) {
        for (ErrorFlow.Share share : layer.shares()) {
          double[] full = numbers(whole.matrix(share.parameter()));
          double[] now = numbers(upTo.matrix(share.parameter()));
          double[] then = numbers(before.matrix(share.parameter()));
          double expected = product(now, full) - product(then, full);
          double square = product(full, full);
          assertEquals(expected, share.byLag()[k], 1e-10 * square, share.parameter() + " lag " + k);
          assertEquals(square, share.total(), 1e-10 * square);
        }
      }
      before = upTo;
    }
    double[] shares = flow.cumulativeShares();
    assertEquals(1, shares[steps - 1], 1e-12);
    int lag = flow.lagOfShare(0.9);
    assertTrue(shares[lag] >= 0.9 && (lag == 0 || shares[lag - 1] < 0.9), Arrays.toString(shares));
  }

  private static double[] numbers(Matrix of) {
    double[] numbers = new double[of.rows() * of.cols()];
    Arrays.setAll(numbers, i -> Numbers.get(of, i / of.cols(), i % of.cols()));
    return numbers;
  }

  private static Parameters gradient(Network network, Batch batch, Engine engine) {
    Parameters gradients = network.parameters().zeros();
    Bptt.of(network, Team.of(1), batch.steps(), batch.batch(), engine)
        .gradient(batch, Reduction.SUM, gradients);
    return gradients;
  }

  @Test
  void flow_inBothDirections_isThatOfEachErrorAlone() {
    int steps = 9;
    Network network = network(Cells.gru(), 2, Wiring.BIDIRECTIONAL);
    Batch batch = batch(steps, B);
    int[] times = {0, 4, 8};
    ErrorFlow flow = ErrorFlow.of(network, Team.of(2), batch, times);
    assertEquals(
        List.of("l0", "l0_reverse", "l1", "l1_reverse"),
        flow.layers().stream().map(ErrorFlow.Layer::name).toList());
    int[] all = ((Targets.Classes) batch.targets()).classes();
    for (int i = 0; i < times.length; i++) {
      int[] targets = new int[steps * B];
      Arrays.fill(targets, Targets.NO_TARGET);
      System.arraycopy(all, (times[i] + 1) * B, targets, times[i] * B, B);
      UnrolledNetwork alone = UnrolledNetwork.of(network, Team.of(1), steps, B);
      ErrorNorms norms = alone.watchErrors();
      alone.loss(
          Batch.of(steps, B, batch.inputs(), new Targets.Classes(targets, 0)), Reduction.SUM);
      alone.backward(network.parameters().zeros());
      for (int l = 0; l < 4; l++) {
        for (int t = 0; t < steps; t++) {
          double expected = norms.at(l, l % 2 == 0 ? t : steps - 1 - t);
          assertEquals(expected, flow.layers().get(l).norms()[i][t], 1e-12 * expected + 1e-300);
        }
      }
    }
  }

  /// Errors go to later steps as well: the shares of all lags are still those of the whole gradient.
  @ParameterizedTest
  @ValueSource(strings = {"gru", "lstm_layer_norm"})
  void shares_inBothDirections_addUpToTheGradient(String name) {
    int steps = 9;
    Network network = network(Cells.named(name), 2, Wiring.BIDIRECTIONAL);
    Batch batch = batch(steps, B);
    ErrorFlow flow = ErrorFlow.of(network, Team.of(2), batch, ErrorFlow.allTimes(steps));
    Parameters whole = gradient(network, batch, new Engine.Full());
    for (ErrorFlow.Layer layer : flow.layers()) {
      for (ErrorFlow.Share share : layer.shares()) {
        double[] full = numbers(whole.matrix(share.parameter()));
        assertEquals(product(full, full), share.total(), 1e-10 * share.total(), share.parameter());
      }
      for (int t = 0; t < steps; t++) {
        assertEquals(1, layer.cosines()[t][t], 1e-12);
      }
    }
  }

  @Test
  void units_ofALayer_haveItsNorms() {
    int steps = 12;
    Network network = network(Cells.lstm(), 2);
    Batch batch = batch(steps, B);
    ErrorFlow flow =
        new ErrorFlowMeter(network, Team.of(2), steps, B, 2).measureUnits(batch, 5, steps - 1);
    UnrolledNetwork alone = UnrolledNetwork.of(network, Team.of(1), steps, B);
    alone.loss(batch, Reduction.SUM);
    ErrorSignals oracle = alone.errorSignals();
    for (int l = 0; l < 2; l++) {
      for (int i = 0; i < 2; i++) {
        Matrix deltas = oracle.deltas().get(flow.times().get(i)).get(l).getFirst();
        for (int t = 0; t < steps; t++) {
          double[] units = flow.layers().get(l).units()[i][t];
          assertEquals(20, units.length);
          for (int n = 0; n < units.length; n++) {
            double square = 0;
            for (int b = 0; b < B; b++) {
              square += Numbers.get(deltas, t * B + b, n) * Numbers.get(deltas, t * B + b, n);
            }
            assertEquals(Math.sqrt(square), units[n], 1e-10 * units[n] + 1e-300);
          }
        }
      }
    }
  }

  @Test
  void flow_forAnyTeam_hasTheSameBits() {
    int steps = 40;
    NetworkSpec spec = NetworkSpec.tokens(Cells.lstm(), K, 3, 20);
    Network network = Network.create(spec, TestBackends.best(Precision.FLOAT), 5);
    Batch batch = batch(steps, B);
    int[] times = ErrorFlow.allTimes(steps);
    ErrorFlow.Layer one = ErrorFlow.of(network, Team.of(1), batch, times).layers().getFirst();
    ErrorFlow.Layer three = ErrorFlow.of(network, Team.of(3), batch, times).layers().getFirst();
    assertArrayEquals(one.norms(), three.norms());
    assertArrayEquals(one.cosines(), three.cosines());
    for (int g = 0; g < one.shares().size(); g++) {
      assertArrayEquals(one.shares().get(g).byLag(), three.shares().get(g).byLag());
    }
  }

  @Test
  void flow_ofVectorsAndValues_isThatOfEachErrorAlone() {
    int steps = 70;
    Network network =
        Network.create(
            new NetworkSpec(Cells.lstm(), new Encoder.Vectors(2), 5, 1, SQUARED), KERNELS, 3);
    Matrix inputs = draw(steps * 2, 2);
    Matrix values = draw(steps * 2, 3);
    Batch batch = Batch.of(steps, 2, new Inputs.Vectors(inputs), new Targets.Values(values));
    ErrorFlow flow = ErrorFlow.of(network, Team.of(2), batch, ErrorFlow.someTimes(steps, 5));
    assertEquals(List.of(13, 27, 41, 55, 69), flow.times());
    UnrolledNetwork alone = UnrolledNetwork.of(network, Team.of(1), steps, 2);
    alone.loss(batch, Reduction.SUM);
    ErrorSignals oracle = alone.errorSignals();
    for (int i = 0; i < 5; i++) {
      Matrix deltas = oracle.deltas().get(flow.times().get(i)).getFirst().getFirst();
      for (int t = 0; t < steps; t++) {
        double expected = Math.sqrt(KERNELS.sumOfSquares(deltas.rows(2 * t, 2)));
        double got = flow.layers().getFirst().norms()[i][t];
        assertEquals(expected, got, 1e-12 * expected);
      }
    }
  }

  private Matrix draw(int rows, int cols) {
    Matrix matrix = Matrix.allocate(ElementType.FLOAT64, rows, cols);
    for (int i = 0; i < rows * cols; i++) {
      matrix.set(i / cols, i % cols, random.nextDouble(-1, 1));
    }
    return matrix;
  }

  /// Its norms fall from 1 to 1e-60, and grow to 1e60.
  @ParameterizedTest
  @ValueSource(doubles = {0.5, 2})
  void flow_beyondTheRangeOfFloats_isThatOfDoubles(double gain) {
    int steps = 200;
    Batch batch = batch(steps, B);
    List<ErrorFlow> flows = new ArrayList<>();
    for (Precision precision : List.of(Precision.FLOAT, Precision.DOUBLE)) {
      NetworkSpec spec =
          new NetworkSpec(
              Cells.elman(Activation.IDENTITY), new Encoder.Embedding(K, 3), 5, 2, K, Set.of());
      Network network = Network.create(spec, TestBackends.scalar(precision), 1);
      Parameters p = network.parameters();
      // Nothing comes in, so that forward all numbers are zero whatever the gain is.
      fill(p.matrix("embedding.weight"), 0, 0);
      for (int l = 0; l < 2; l++) {
        fill(p.matrix("weight_hh_l" + l), gain, 0);
        fill(p.matrix("bias_hh_l" + l), 0, 0);
        fill(p.matrix("bias_ih_l" + l), 0, 0);
      }
      p.changed();
      flows.add(ErrorFlow.of(network, Team.of(2), batch, ErrorFlow.allTimes(steps)));
    }
    for (int l = 0; l < 2; l++) {
      double[][] floats = flows.getFirst().layers().get(l).norms();
      double[][] doubles = flows.getLast().layers().get(l).norms();
      for (int t = 0; t < steps; t++) {
        for (int s = 0; s <= t; s++) {
          assertEquals(1, floats[t][s] / doubles[t][s], 1e-3, "layer " + l);
        }
      }
    }
  }

  private static void fill(Matrix matrix, double diagonal, double other) {
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < matrix.cols(); c++) {
        Numbers.set(matrix, r, c, r == c ? diagonal : other);
      }
    }
  }

  @Test
  void linearRecurrence_withOneEigenvalue_decaysAsItsPowers() {
    double radius = 0.8;
    Network network = network(Cells.elman(Activation.IDENTITY).withBias(Bias.NONE), 1);
    Matrix u = network.parameters().matrix("weight_hh_l0");
    // A rotation in two planes, and the radius alone in the last direction.
    for (int r = 0; r < 5; r++) {
      for (int c = 0; c < 5; c++) {
        Numbers.set(u, r, c, 0);
      }
    }
    for (int plane = 0; plane < 4; plane += 2) {
      double angle = 0.3 + plane;
      Numbers.set(u, plane, plane, radius * Math.cos(angle));
      Numbers.set(u, plane, plane + 1, -radius * Math.sin(angle));
      Numbers.set(u, plane + 1, plane, radius * Math.sin(angle));
      Numbers.set(u, plane + 1, plane + 1, radius * Math.cos(angle));
    }
    Numbers.set(u, 4, 4, radius);
    network.parameters().changed();
    int steps = 40;
    ErrorFlow flow = ErrorFlow.of(network, Team.of(1), batch(steps, 2), ErrorFlow.allTimes(steps));
    ErrorFlow.Layer layer = flow.layers().getFirst();
    for (int t = 0; t < steps; t++) {
      for (int s = 0; s <= t; s++) {
        double expected = Math.pow(radius, t - s) * layer.norms()[t][t];
        assertEquals(expected, layer.norms()[t][s], 1e-13 * expected * steps);
      }
    }
    assertEquals(radius, layer.meanGain(20), 1e-13);
    assertEquals(Math.pow(radius, 17), layer.decay(17), 1e-13);
  }

  @Test
  void lstm_withItsForgetGateOpen_keepsItsError() {
    Network network = network(Cells.lstm(), 1);
    Parameters p = network.parameters();
    Matrix u = p.matrix("weight_hh_l0");
    Matrix v = p.matrix("weight_ih_l0");
    for (int r = 0; r < 20; r++) {
      for (int c = 0; c < 5; c++) {
        Numbers.set(u, r, c, 0);
      }
      for (int c = 0; c < 3; c++) {
        Numbers.set(v, r, c, 0);
      }
      boolean isForget = r >= 5 && r < 10;
      Numbers.set(p.matrix("bias_ih_l0"), 0, r, isForget ? 100 : 0.01);
      Numbers.set(p.matrix("bias_hh_l0"), 0, r, 0);
    }
    p.changed();
    ErrorFlow flow = ErrorFlow.of(network, Team.of(1), batch(60, 1), 59);
    double[] norms = flow.layers().getFirst().norms()[0];
    for (int t = 1; t < 59; t++) {
      assertEquals(norms[58], norms[t], 1e-12 * norms[58]);
    }
  }

  @Test
  void irnn_atItsStart_hasAGainOfOne() {
    NetworkSpec spec =
        new NetworkSpec(Cells.named("elman_relu"), new Encoder.Embedding(K, 3), 5, 1, K);
    Network network =
        Network.create(
            spec, KERNELS, 1, Initialization.parse("recurrent=identity,bias=0.1,input=0.2"));
    Matrix embedding = network.parameters().matrix("embedding.weight");
    for (int i = 0; i < 3 * K; i++) {
      Numbers.set(embedding, i / 3, i % 3, 0.1 + i);
    }
    network.parameters().changed();
    ErrorFlow flow = ErrorFlow.of(network, Team.of(1), batch(30, 2), ErrorFlow.allTimes(30));
    for (int t = 1; t < 30; t++) {
      for (int s = 1; s <= t; s++) {
        assertEquals(1, flow.layers().getFirst().gain(t, s), 1e-12);
      }
    }
  }

  /// What comes is what came four steps before.
  @Test
  void network_thatLearnsALag_reachesItOnlyThen() {
    int lag = 4;
    List<Integer> bits = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      bits.add(
          i < lag
              ? random.nextInt(K)
              : random.nextInt(4) == 0 ? random.nextInt(K) : bits.get(i - lag));
    }
    int[] text = bits.stream().mapToInt(bit -> bit).toArray();
    Network network = Network.create(NetworkSpec.tokens(Cells.gru(), K, 4, 24), KERNELS, SEED);
    Batch batch = new TextData(text, 40, 8).batch(2);
    int before = reach(network, batch);
    TrainingOptions options =
        TrainingOptions.defaults().withSteps(20).withBatch(8).withBudget(new Budget.Epochs(25));
    new Trainer(network, options, Team.of(1), event -> {}).run(text, text);
    int after = reach(network, batch);
    // The input of the next step lies one step closer than the lag.
    assertTrue(before < lag - 1, () -> "before: " + before);
    assertTrue(after >= lag - 1, () -> "after: " + after + ", before: " + before);
  }

  private static int reach(Network network, Batch batch) {
    return Reach.of(network, Team.of(1), List.of(batch)).lag(0.3).orElseThrow();
  }

  @Test
  void cell_withoutAffineMaps_isRefused() {
    Cell leaky =
        Cell.define(
            "leaky",
            step -> {
              Expr h = step.state("h", Size.INPUT);
              Expr keep = step.parameter("keep", Size.INPUT, Start.DRAWN);
              step.next("h", keep.times(h).plus(step.input()));
            });
    Network network = network(leaky, 1);
    assertEquals(
        "cell: expected an affine map, whose error signals are followed, got none in leaky",
        assertThrows(
                IllegalArgumentException.class,
                () -> ErrorFlow.of(network, Team.of(1), batch(5, 2), 2))
            .getMessage());
  }

  @Test
  void batches_thatCannotBeFollowed_areRefused() {
    Network network = network(Cells.gru(), 1);
    Batch batch = batch(5, 2);
    assertEquals(
        "times: expected 0 to T-1=4, got 5",
        assertThrows(
                IllegalArgumentException.class, () -> ErrorFlow.of(network, Team.of(1), batch, 5))
            .getMessage());
    assertEquals(
        "batch: expected sequences that all have T steps, got shorter ones",
        assertThrows(
                IllegalArgumentException.class,
                () -> ErrorFlow.of(network, Team.of(1), batch.withLengths(5, 3), 2))
            .getMessage());
  }
}
