package dev.unfold.unroll;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
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
import dev.unfold.infer.Runner;
import dev.unfold.infer.Stepper;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.model.StaticStart;
import dev.unfold.model.Wiring;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.ErrorSignals;
import dev.unfold.sequence.Inputs;
import dev.unfold.sequence.Truncation;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Sequences that start from what never changes in them.
final class StaticStartTest {
  private static final Encoder COLUMNS =
      new Encoder.Columns(2, List.of(new Encoder.Embedding(3, 2), new Encoder.Embedding(4, 2)));
  private static final int K = 3;
  private static final int T = 7;
  private static final int B = 3;

  private static List<NetworkSpec> specs() {
    return List.of(
        new NetworkSpec(Cells.lstm(), COLUMNS, 3, 1, K).with(new StaticStart(1, 1)),
        new NetworkSpec(Cells.gru(), COLUMNS, 6, 2, K, Set.of(Wiring.RESIDUAL))
            .with(new StaticStart(0, 2)),
        new NetworkSpec(Cells.lstm(), COLUMNS, 2, 1, K, Set.of(Wiring.BIDIRECTIONAL))
            .with(new StaticStart(2, 1)),
        new NetworkSpec(
                Cells.gru(),
                new Encoder.Vectors(4),
                3,
                1,
                new PooledHead(new Head.Classes(K), Pooling.ATTENTION),
                Set.of(Wiring.BIDIRECTIONAL))
            .with(new StaticStart(2, 0)));
  }

  /// A network whose start is no longer zero.
  private static Network network(NetworkSpec spec, Precision precision) {
    Kernels kernels = TestBackends.best(precision);
    Network network = Network.create(spec, kernels, 3);
    Random random = new Random(4);
    for (Parameters.Tensor tensor : network.parameters().tensors()) {
      if (tensor.name().startsWith("start.")) {
        Matrix own = network.parameters().matrix(tensor.name());
        Matrix drawn = Matrix.allocate(precision.type(), own.rows(), own.cols());
        for (int r = 0; r < own.rows(); r++) {
          for (int c = 0; c < own.cols(); c++) {
            drawn.set(r, c, random.nextDouble(-1, 1));
          }
        }
        own.copy(drawn);
      }
    }
    network.parameters().changed();
    return network;
  }

  private static Inputs inputs(NetworkSpec spec, ElementType type, int rows, Random random) {
    Matrix numbers = Matrix.allocate(type, rows, spec.encoder().numbers());
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < numbers.cols(); c++) {
        numbers.set(r, c, random.nextDouble(-1, 1));
      }
    }
    return spec.encoder() instanceof Encoder.Vectors
        ? new Inputs.Vectors(numbers)
        : new Inputs.Columns(
            numbers, random.ints(rows, 0, 3).toArray(), random.ints(rows, 0, 4).toArray());
  }

  /// Sequences of which the second begins later, and the third has gaps.
  private static Batch batch(NetworkSpec spec, ElementType type, int steps) {
    Random random = new Random(6);
    boolean[] present = new boolean[steps * B];
    int[] classes = new int[steps * B];
    for (int row = 0; row < present.length; row++) {
      present[row] = row % B == 0 || (row % B == 1 ? row / B > 3 : row / B % 3 != 0);
      classes[row] = random.nextInt(K);
    }
    for (int row = 0; row < present.length; row++) {
      boolean isLast = row / B == steps - 1;
      classes[row] = present[row] && (isLast || spec.head().isOfSteps()) ? classes[row] : -1;
    }
    return new Batch(
        steps,
        B,
        inputs(spec, type, steps * B, random),
        new Targets.Classes(classes, 0),
        Optional.of(present));
  }

  @ParameterizedTest
  @MethodSource("specs")
  void check_ofAStart_passesUnderAllConditions(NetworkSpec spec) {
    GradientCheck check = GradientCheck.of(network(spec, Precision.DOUBLE), 5, 2);
    check.expectPassed();
    assertTrue(check.rows().stream().anyMatch(row -> row.tensor().startsWith("start.h_l0.weight")));
  }

  @Test
  void state_atTheStart_isTheMapOfTheFirstStep() {
    NetworkSpec spec = specs().getFirst();
    Network network = network(spec, Precision.DOUBLE);
    Inputs inputs = inputs(spec, ElementType.FLOAT64, 1, new Random(5));
    Matrix weight = network.parameters().matrix("start.c_l0.weight").toHost();
    Matrix bias = network.parameters().matrix("start.c_l0.bias").toHost();
    Inputs.Columns columns = (Inputs.Columns) inputs;
    Matrix embedding = network.parameters().matrix("embedding.1.weight").toHost();
    int category = columns.categories()[1][0];
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), 1, 1);
    unrolled.forward(inputs);
    State started = State.zeros(spec, Precision.DOUBLE, 1);
    unrolled.tape().states.copyInitial(started);
    for (int unit = 0; unit < 3; unit++) {
      double expected =
          bias.get(0, unit)
              + weight.get(unit, 0) * columns.numbers().orElseThrow().get(0, 1)
              + weight.get(unit, 1) * embedding.get(category, 0)
              + weight.get(unit, 2) * embedding.get(category, 1);
      assertEquals(expected, started.layers().getFirst().get(1).get(0, unit), 1e-12);
    }
  }

  private static double[] gradient(Network network, Batch batch, Engine engine, int threads) {
    Parameters gradients = network.parameters().zeros();
    Bptt bptt = Bptt.of(network, Team.of(threads), batch.steps(), B, engine);
    bptt.gradient(batch, Reduction.MEAN, gradients);
    bptt.startFromZero();
    bptt.gradient(batch, Reduction.MEAN, gradients);
    return gradients.buffer().toArray();
  }

  @ParameterizedTest
  @MethodSource("specs")
  void gradient_ofAnyThreadsAndEngine_isTheSameBits(NetworkSpec spec) {
    Network network = network(spec, Precision.FLOAT);
    int steps = 600;
    Batch batch = batch(spec, ElementType.FLOAT32, steps);
    double[] expected = gradient(network, batch, new Engine.Full(), 1);
    assertArrayEquals(expected, gradient(network, batch, new Engine.Full(), 3));
    if (spec.directions() == 1) {
      long whole = Footprint.of(spec, Precision.FLOAT, steps, B, new Engine.Full());
      assertArrayEquals(expected, gradient(network, batch, new Engine.Budgeted(whole / 2), 2));
      Truncation all = new Truncation(steps, steps);
      assertArrayEquals(expected, gradient(network, batch, new Engine.Truncated(all), 2));
    }
  }

  @Test
  void sequences_thatGoOnFromAState_areNotStarted() {
    NetworkSpec spec = specs().getFirst();
    Network network = network(spec, Precision.FLOAT);
    Inputs inputs = inputs(spec, ElementType.FLOAT32, T, new Random(5));
    Runner runner = new Runner(network);
    double[] whole = runner.runWhole(inputs, T).buffer().toArray();
    Stepper stepper = runner.stepper(1, 1);
    for (int t = 0; t < T; t++) {
      double[] own = stepper.run(inputs.part(t, 1)).hostCopy().buffer().toArray();
      assertArrayEquals(Arrays.copyOfRange(whole, t * K, t * K + K), own);
    }
    stepper.startFromZero();
    double[] again = stepper.run(inputs.part(0, 1)).hostCopy().buffer().toArray();
    assertArrayEquals(Arrays.copyOf(whole, K), again);
    double[] fromZeros =
        runner.run(inputs.part(0, 1), network.zeroState(1)).outputs().buffer().toArray();
    assertFalse(Arrays.equals(again, fromZeros));
    // A gradient of what goes on has none of the start's.
    Batch part = batch(spec, ElementType.FLOAT32, T);
    for (Engine engine : List.of(new Engine.Full(), new Engine.Truncated(new Truncation(3, 5)))) {
      Bptt bptt = Bptt.of(network, Team.of(1), T, B, engine);
      bptt.gradient(part, Reduction.MEAN, network.parameters().zeros());
      bptt.startAfterLast();
      Parameters gradients = network.parameters().zeros();
      bptt.gradient(part, Reduction.MEAN, gradients);
      for (double each : gradients.matrix("start.h_l0.weight").hostCopy().buffer().toArray()) {
        assertEquals(0, each);
      }
    }
  }

  @Test
  void sequence_besideOthersAndBehindPadding_hasTheBitsOfOneAlone() {
    NetworkSpec spec = specs().get(2);
    Network network = network(spec, Precision.FLOAT);
    Runner runner = new Runner(network);
    Batch batch = batch(spec, ElementType.FLOAT32, T);
    Matrix together = runner.runPresent(batch.inputs(), B, batch.present().orElseThrow());
    int[] rows = new int[T - 4];
    Arrays.setAll(rows, t -> (t + 4) * B + 1);
    Matrix alone = runner.runWhole(batch.inputs().select(rows), rows.length);
    for (int t = 0; t < rows.length; t++) {
      for (int k = 0; k < K; k++) {
        assertEquals(alone.get(t, k), together.get(rows[t], k));
      }
    }
  }

  @Test
  void errorSignals_haveTheGradientsOfTheStart() {
    NetworkSpec spec = specs().getFirst();
    Network network = network(spec, Precision.DOUBLE);
    Random random = new Random(6);
    Inputs inputs = inputs(spec, ElementType.FLOAT64, T * B, random);
    Batch batch =
        Batch.of(T, B, inputs, new Targets.Classes(random.ints(T * B, 0, K).toArray(), 0));
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), T, B);
    unrolled.loss(batch, Reduction.SUM);
    ErrorSignals signals = unrolled.errorSignals();
    Parameters whole = network.parameters().zeros();
    unrolled.backward(whole);
    double[] sum = new double[(int) whole.buffer().length()];
    for (Parameters each : signals.gradients()) {
      double[] own = each.buffer().toArray();
      Arrays.setAll(sum, i -> sum[i] + own[i]);
    }
    assertArrayEquals(whole.buffer().toArray(), sum, 1e-12);
  }

  @Test
  void start_withoutItsColumns_isRefused() {
    NetworkSpec spec = new NetworkSpec(Cells.gru(), COLUMNS, 3, 1, K);
    assertThrows(Refusal.class, () -> spec.with(new StaticStart(3, 0)));
    assertThrows(Refusal.class, () -> spec.with(new StaticStart(0, 3)));
    assertThrows(Refusal.class, () -> new StaticStart(0, 0));
    NetworkSpec tokens = NetworkSpec.tokens(Cells.gru(), 5, 3, 3);
    assertThrows(Refusal.class, () -> tokens.with(new StaticStart(0, 1)));
    assertEquals(new StaticStart(2, 1), StaticStart.parse(new StaticStart(2, 1).text()));
    assertThrows(Refusal.class, () -> StaticStart.parse("numbers=2"));
    assertFalse(spec.toString().contains("start"));
  }
}
