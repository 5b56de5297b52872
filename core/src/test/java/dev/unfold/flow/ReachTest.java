package dev.unfold.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.flow.Reach.Layer;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.head.FactoredClasses;
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
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.sequence.Truncation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Gradients cut at each lag, against those of the truncated engine.
final class ReachTest {
  private static final Head ONE = new Head.Values(1, new ValueLoss.SquaredError());
  private static final Head SQUARED = new Head.Values(3, new ValueLoss.SquaredError());

  private static final long SEED = Long.getLong("unfold.seed", 20261129L);
  private static final Kernels KERNELS = TestBackends.scalar(Precision.DOUBLE);
  private static final int K = 4;

  /// Sums of some thousand products of numbers near 1 in double; errors are from 0 to about 1.
  private static final double TOLERANCE = 1e-10;

  private final Random random = new Random(SEED);

  ReachTest() {
    System.out.println("ReachTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  private Batch batch(int steps, int size) {
    int[] tokens = random.ints((long) (steps + 1) * size, 0, K).toArray();
    return Batch.of(steps, size, new Inputs.Tokens(tokens, 0), new Targets.Classes(tokens, size));
  }

  private static Network network(Cell cell, int layers, Wiring... wiring) {
    Encoder encoder = new Encoder.Embedding(K, List.of(wiring).contains(Wiring.TIED) ? 5 : 3);
    return network(new NetworkSpec(cell, encoder, 5, layers, K, Set.copyOf(Arrays.asList(wiring))));
  }

  private static Network network(NetworkSpec spec) {
    Network network = Network.create(spec, KERNELS, SEED);
    // New recurrent weights are so small that far lags hardly count.
    Matrix all = network.parameters().all();
    for (int i = 0; i < all.cols(); i++) {
      Numbers.set(all, 0, i, 2 * Numbers.get(all, 0, i));
    }
    network.parameters().changed();
    return network;
  }

  /// The gradient cut at lag k is that of windows of one step and a reach of k + 1.
  private static void assertErrorsOfTheEngine(Network network, Batch batch, Reach reach) {
    Parameters whole = gradient(network, batch, new Engine.Full());
    for (int k = 0; k < batch.steps(); k++) {
      Parameters cut = gradient(network, batch, new Engine.Truncated(new Truncation(1, k + 1)));
      String message = network.spec().cell().name() + ", T=" + batch.steps() + ", lag " + k;
      double expected = error(List.of(whole.all()), List.of(cut.all()));
      assertEquals(expected, reach.errors().get(k).mean(), TOLERANCE, message);
      for (int l = 0; l < network.spec().layers(); l++) {
        Layer layer = reach.layers().get(l);
        assertEquals("l" + l, layer.name());
        assertEquals(
            error(ofLayer(whole, l), ofLayer(cut, l)),
            layer.errors().get(k).mean(),
            TOLERANCE,
            message + ", layer " + l);
      }
    }
  }

  private static List<Matrix> ofLayer(Parameters of, int l) {
    return of.tensors().stream()
        .filter(tensor -> tensor.name().endsWith("_l" + l))
        .map(tensor -> of.matrix(tensor.name()))
        .toList();
  }

  private static double error(List<Matrix> whole, List<Matrix> cut) {
    double difference = 0;
    double square = 0;
    for (int m = 0; m < whole.size(); m++) {
      Matrix g = whole.get(m);
      for (int i = 0; i < g.rows() * g.cols(); i++) {
        double exact = Numbers.get(g, i / g.cols(), i % g.cols());
        double own = Numbers.get(cut.get(m), i / g.cols(), i % g.cols());
        difference += (own - exact) * (own - exact);
        square += exact * exact;
      }
    }
    return Math.sqrt(difference / square);
  }

  private static Parameters gradient(Network network, Batch batch, Engine engine) {
    Parameters gradients = network.parameters().zeros();
    Bptt.of(network, Team.of(1), batch.steps(), batch.batch(), engine)
        .gradient(batch, Reduction.SUM, gradients);
    return gradients;
  }

  @ParameterizedTest
  @MethodSource("dev.unfold.cell.library.Cells#names")
  void errors_ofEachCell_areThoseOfTheTruncatedEngine(String name) {
    Network network = network(Cells.named(name), 2);
    Batch batch = batch(11, 3);
    assertErrorsOfTheEngine(network, batch, Reach.of(network, Team.of(1), List.of(batch)));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "1, 4", "5, 3", "37, 2", "64, 1"})
  void errors_ofEachLength_areThoseOfTheTruncatedEngine(int steps, int size) {
    Network network = network(Cells.lstm(), 2);
    Batch batch = batch(steps, size);
    assertErrorsOfTheEngine(network, batch, Reach.of(network, Team.of(1), List.of(batch)));
  }

  @ParameterizedTest
  @CsvSource({"RESIDUAL", "TIED"})
  void errors_ofEachWiring_areThoseOfTheTruncatedEngine(Wiring wiring) {
    Network network = network(Cells.gru(), 3, wiring);
    Batch batch = batch(9, 2);
    assertErrorsOfTheEngine(network, batch, Reach.of(network, Team.of(1), List.of(batch)));
  }

  @Test
  void errors_ofACellWithHeads_areThoseOfTheTruncatedEngine() {
    Network network = network(Cells.lstm().withHeads(5), 2);
    Batch batch = batch(9, 2);
    assertErrorsOfTheEngine(network, batch, Reach.of(network, Team.of(1), List.of(batch)));
  }

  @Test
  void errors_ofAFactoredHead_areThoseOfTheTruncatedEngine() {
    NetworkSpec plain = network(Cells.gru(), 3).spec();
    Network network = network(plain.with(new FactoredClasses(K)));
    Batch batch = batch(9, 2);
    assertErrorsOfTheEngine(network, batch, Reach.of(network, Team.of(1), List.of(batch)));
  }

  /// Some steps have no target.
  @Test
  void errors_ofVectorsAndValues_areThoseOfTheTruncatedEngine() {
    int steps = 14;
    Network network =
        Network.create(
            new NetworkSpec(Cells.gru(), new Encoder.Vectors(2), 5, 2, SQUARED), KERNELS, 3);
    Matrix values = draw(steps * 2, 3);
    for (int row : new int[] {3, 4, 9, 27}) {
      for (int c = 0; c < 3; c++) {
        values.set(row, c, Double.NaN);
      }
    }
    Batch batch =
        Batch.of(steps, 2, new Inputs.Vectors(draw(steps * 2, 2)), new Targets.Values(values));
    assertErrorsOfTheEngine(network, batch, Reach.of(network, Team.of(1), List.of(batch)));
  }

  private Matrix draw(int rows, int cols) {
    Matrix matrix = Matrix.allocate(ElementType.FLOAT64, rows, cols);
    for (int i = 0; i < rows * cols; i++) {
      matrix.set(i / cols, i % cols, random.nextDouble(-1, 1));
    }
    return matrix;
  }

  /// A meter keeps nothing of the batch before, and an estimate is of each batch for itself.
  @Test
  void errors_ofSeveralBatches_areTheirMeans() {
    Network network = network(Cells.named("elman"), 2);
    List<Batch> batches = List.of(batch(9, 2), batch(9, 2), batch(9, 2));
    ReachMeter meter = new ReachMeter(network, Team.of(1), 9, 2);
    Reach all = meter.measure(batches);
    List<Reach> single = batches.stream().map(batch -> meter.measure(List.of(batch))).toList();
    for (int i = 0; i < 3; i++) {
      assertErrorsOfTheEngine(network, batches.get(i), single.get(i));
    }
    for (int k = 0; k < 9; k++) {
      int lag = k;
      double[] each = single.stream().mapToDouble(own -> own.errors().get(lag).mean()).toArray();
      Estimate expected = Estimate.of(each);
      assertEquals(expected, all.errors().get(k));
      assertEquals(3, expected.count());
      assertTrue(Double.isNaN(single.getFirst().errors().get(k).halfWidth()));
    }
    assertEquals(2, all.sequences());
    assertEquals(9, all.steps());
  }

  @Test
  void errors_forAnyTeam_haveTheSameBits() {
    NetworkSpec spec = NetworkSpec.tokens(Cells.lstm(), K, 3, 20);
    Network network = Network.create(spec, TestBackends.best(Precision.FLOAT), 5);
    List<Batch> batches = List.of(batch(40, 3), batch(40, 3));
    assertEquals(Reach.of(network, Team.of(1), batches), Reach.of(network, Team.of(3), batches));
  }

  /// In float the gradient is known to about 1e-7 of itself, and each lag adds a rounding.
  @Test
  void errors_inFloats_areThoseOfDoubles() {
    List<Reach> both = new ArrayList<>();
    Batch batch = batch(30, 4);
    for (Kernels kernels : List.of(KERNELS, TestBackends.best(Precision.FLOAT))) {
      Network network = Network.create(NetworkSpec.tokens(Cells.gru(), K, 3, 20), kernels, 5);
      both.add(Reach.of(network, Team.of(1), List.of(batch)));
    }
    for (int k = 0; k < 30; k++) {
      assertEquals(
          both.getFirst().errors().get(k).mean(), both.getLast().errors().get(k).mean(), 3e-6);
    }
  }

  /// A recurrence that multiplies by 0.8 and gets the same in and back at each step: what is beyond lag k is a sum of
  /// powers.
  @Test
  void linearRecurrence_withOneEigenvalue_losesItsPowers() {
    double radius = 0.8;
    int steps = 30;
    NetworkSpec spec =
        new NetworkSpec(
            Cells.elman(Activation.IDENTITY).withBias(Bias.NONE),
            new Encoder.Vectors(1),
            1,
            1,
            ONE);
    Network network = Network.create(spec, KERNELS, 1);
    Parameters p = network.parameters();
    Numbers.set(p.matrix("weight_ih_l0"), 0, 0, 1);
    Numbers.set(p.matrix("weight_hh_l0"), 0, 0, radius);
    p.changed();
    // Only the last step has a loss, and only the first an input.
    Matrix inputs = Matrix.allocate(ElementType.FLOAT64, steps, 1);
    inputs.set(0, 0, 1);
    Matrix values = Matrix.allocate(ElementType.FLOAT64, steps, 1);
    for (int t = 0; t < steps - 1; t++) {
      values.set(t, 0, Double.NaN);
    }
    values.set(steps - 1, 0, 100);
    Batch batch = Batch.of(steps, 1, new Inputs.Vectors(inputs), new Targets.Values(values));
    Layer layer = Reach.of(network, Team.of(1), List.of(batch)).layers().getFirst();
    // dh/dv = 0.8^29 at lag 29 alone; dh/du = 0.8^28 at each of the lags 0 to 28.
    double all = Math.hypot(Math.pow(radius, 29), 29 * Math.pow(radius, 28));
    for (int k = 0; k < steps - 1; k++) {
      double left = Math.hypot(Math.pow(radius, 29), (28 - k) * Math.pow(radius, 28));
      assertEquals(left / all, layer.errors().get(k).mean(), 1e-12, "lag " + k);
    }
    assertEquals(OptionalInt.of(steps - 1), layer.lag(0));
    assertEquals(OptionalInt.of(26), layer.lag(0.1));
  }

  /// The gradient of a batch is the sum of those of its sequences alone.
  @Test
  void sequences_ofABatch_haveTheirPartsOfItsGradient() {
    NetworkSpec plain = network(Cells.gru(), 1).spec();
    Batch tokens = batch(6, 3);
    Targets.Classes classes = (Targets.Classes) tokens.targets();
    Matrix distributions = Matrix.allocate(ElementType.FLOAT64, 18, K);
    for (int row = 0; row < 18; row++) {
      distributions.set(row, row % K, 1);
    }
    for (Targets targets :
        List.of(
            classes,
            new Targets.SmoothedClasses(classes, 0.1),
            new Targets.Sampled(classes, new int[] {0, 1, 2, 3}, new double[] {0, -1, 0, -2}),
            new Targets.Distributions(distributions),
            new Targets.Values(draw(18, K)),
            new Targets.Labels(new int[][] {{1, 2}, {3}, {2}}, 6))) {
      Head head =
          switch (targets) {
            case Targets.Values _ -> new Head.Values(K, new ValueLoss.SquaredError());
            case Targets.Labels _ -> new Head.Labels(K, 0);
            default -> plain.head();
          };
      Network network = Network.create(plain.with(head), KERNELS, SEED);
      for (boolean isWhole : new boolean[] {true, false}) {
        Batch batch = Batch.of(6, 3, tokens.inputs(), targets);
        batch = isWhole ? batch : batch.withLengths(6, 3, 5);
        Matrix whole = gradient(network, batch, new Engine.Full()).all();
        Matrix sum = network.parameters().zeros().all();
        for (int b = 0; b < 3; b++) {
          Matrix own = gradient(network, batch.sequence(b), new Engine.Full()).all();
          for (int i = 0; i < own.cols(); i++) {
            Numbers.set(sum, 0, i, Numbers.get(sum, 0, i) + Numbers.get(own, 0, i));
          }
        }
        for (int i = 0; i < whole.cols(); i++) {
          assertEquals(
              Numbers.get(whole, 0, i),
              Numbers.get(sum, 0, i),
              1e-12,
              targets.getClass().getName());
        }
      }
    }
    assertThrows(IllegalArgumentException.class, () -> tokens.sequence(3));
  }

  @Test
  void lag_ofErrorsThatRiseAgain_isAboveAllThatAreTooLarge() {
    List<Estimate> errors =
        List.of(
            new Estimate(1, 0.1, 8),
            new Estimate(0.05, 0.01, 8),
            new Estimate(0.09, 0.02, 8),
            new Estimate(0.08, 0.01, 8),
            new Estimate(0, 0, 8));
    Reach reach = new Reach(5, 1, errors, List.of(new Layer("l0", errors)));
    assertEquals(OptionalInt.of(3), reach.lag(0.1));
    assertEquals(OptionalInt.of(1), reach.lag(0.11));
    assertEquals(OptionalInt.of(4), reach.lag(0.01));
    assertEquals(OptionalInt.of(0), reach.lag(1.1));
    assertEquals(OptionalInt.of(3), reach.layers().getFirst().lag(0.1));
    // Without an interval the mean counts; what is no number is within nothing.
    List<Estimate> single = List.of(new Estimate(0.3, Double.NaN, 1), new Estimate(0, 0, 1));
    assertEquals(OptionalInt.of(0), new Reach(2, 1, single, List.of()).lag(0.3));
    List<Estimate> none = List.of(new Estimate(Double.NaN, 0, 1), new Estimate(0, 0, 1));
    assertEquals(OptionalInt.of(1), new Reach(2, 1, none, List.of()).lag(1e9));
  }

  @Test
  void reach_inBothDirections_hasNoErrors() {
    Network network = network(Cells.gru(), 2, Wiring.BIDIRECTIONAL);
    Reach reach = Reach.of(network, Team.of(1), List.of(batch(5, 2)));
    assertEquals(List.of(), reach.errors());
    assertEquals(OptionalInt.empty(), reach.lag(0.1));
  }

  @Test
  void batches_thatCannotBeCut_areRefused() {
    Network network = network(Cells.gru(), 1);
    Batch batch = batch(5, 2);
    assertRefused("batches: expected at least one, got none", network, List.of());
    assertRefused(
        "batch: expected T=5 steps of B=2 sequences, got 4 of 2",
        network,
        List.of(batch, batch(4, 2)));
    assertRefused(
        "batch: expected sequences that all have T steps, got shorter ones",
        network,
        List.of(batch.withLengths(5, 3)));
    int[][] labels = {{1, 2}, {3}};
    assertRefused(
        "batch: expected a loss of each step, got one of sequences",
        network,
        List.of(Batch.of(5, 2, batch.inputs(), new Targets.Labels(labels, 5))));
  }

  private static void assertRefused(String message, Network network, List<Batch> batches) {
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> Reach.of(network, Team.of(1), batches))
            .getMessage());
  }

  /// Lag 0 gives 3 along one input, lag 5 gives 1 along another: a share of 0.9, but an error of 1 / sqrt(10).
  @Test
  void shares_ofLagsThatPointAcross_hideTheirError() {
    int steps = 9;
    double radius = 0.8;
    NetworkSpec spec =
        new NetworkSpec(
            Cells.elman(Activation.IDENTITY).withBias(Bias.NONE),
            new Encoder.Vectors(2),
            1,
            1,
            ONE);
    Network network = Network.create(spec, KERNELS, 1);
    Parameters p = network.parameters();
    // No input comes in, so the state is 0, and the recurrent weight gets no gradient.
    Numbers.set(p.matrix("weight_ih_l0"), 0, 0, 0);
    Numbers.set(p.matrix("weight_ih_l0"), 0, 1, 0);
    Numbers.set(p.matrix("weight_hh_l0"), 0, 0, radius);
    p.changed();
    Matrix inputs = Matrix.allocate(ElementType.FLOAT64, steps, 2);
    inputs.set(steps - 1, 0, 3);
    inputs.set(steps - 6, 1, Math.pow(radius, -5));
    Matrix values = Matrix.allocate(ElementType.FLOAT64, steps, 1);
    for (int t = 0; t < steps; t++) {
      values.set(t, 0, t == steps - 1 ? 7 : Double.NaN);
    }
    Batch batch = Batch.of(steps, 1, new Inputs.Vectors(inputs), new Targets.Values(values));
    ErrorFlow flow = ErrorFlow.of(network, Team.of(1), batch, steps - 1);
    Layer layer = Reach.of(network, Team.of(1), List.of(batch)).layers().getFirst();
    for (int k = 0; k < steps; k++) {
      assertEquals(k < 5 ? 0.9 : 1, flow.cumulativeShares()[k], 1e-12);
      assertEquals(k < 5 ? 1 / Math.sqrt(10) : 0, layer.errors().get(k).mean(), 1e-12);
    }
    assertEquals(0, flow.lagOfShare(0.89));
    assertEquals(OptionalInt.of(5), layer.lag(0.1));
  }
}
