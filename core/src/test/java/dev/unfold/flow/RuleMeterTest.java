package dev.unfold.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.Passage;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.online.OnlineRule;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What rules throw away, against what is known of it in other ways.
@DisabledIfSystemProperty(
    named = "unfold.memory",
    matches = "remote",
    disabledReason = "online rules are refused there")
final class RuleMeterTest {
  private static final int STEPS = 12;
  private static final int BATCH = 3;

  private static Network network(String cell, int layers) {
    NetworkSpec spec = new NetworkSpec(Cells.named(cell), new Encoder.Vectors(2), 6, layers, 4);
    return Network.create(spec, TestBackends.best(Precision.DOUBLE), 8);
  }

  private static List<Batch> batches(Network network, int count) {
    SplittableRandom random = new SplittableRandom(4);
    List<Batch> batches = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Matrix inputs = Matrix.allocate(network.kernels().type(), STEPS * BATCH, 2);
      int[] classes = new int[STEPS * BATCH];
      for (int row = 0; row < classes.length; row++) {
        inputs.set(row, 0, random.nextDouble(-1, 1));
        inputs.set(row, 1, random.nextDouble(-1, 1));
        classes[row] = random.nextInt(4);
      }
      batches.add(
          Batch.of(STEPS, BATCH, new Inputs.Vectors(inputs), new Targets.Classes(classes, 0)));
    }
    return batches;
  }

  private static RuleMeter measured(Network network, String rule, int draws) {
    return RuleMeter.of(
        network, Team.of(2), batches(network, 3), seed -> OnlineRule.parse(rule, seed, 4), draws);
  }

  @Test
  void meter_ofExactRules_findsNoError() {
    for (String rule : List.of("rtrl", "rtrl-layerwise")) {
      RuleMeter meter = measured(network("gru", 1), rule, 1);
      assertEquals(rule, meter.rule());
      assertEquals(1, meter.cosine().mean(), 1e-12);
      assertEquals(0, meter.error().mean(), 1e-12);
      assertEquals(0, meter.noise().mean());
    }
    RuleMeter apart = measured(network("gru", 2), "rtrl-layerwise", 1);
    assertTrue(apart.error().mean() > 0.01, apart::toString);
  }

  /// Errors that go back no step are cut at lag 0.
  @ParameterizedTest
  @ValueSource(strings = {"elman", "lstm", "gru"})
  void meter_ofImmediateDerivatives_findsTheErrorOfACut(String cell) {
    Network network = network(cell, 1);
    Reach reach = Reach.of(network, Team.of(1), batches(network, 3));
    RuleMeter meter = measured(network, "immediate", 1);
    Estimate cut = reach.layers().getFirst().errors().getFirst();
    assertEquals(cut.mean(), meter.error().mean(), 1e-10);
    assertEquals(cut.halfWidth(), meter.error().halfWidth(), 1e-10);
    // What passes more is off less.
    assertTrue(measured(network, "snap1", 1).error().mean() < cut.mean(), cell);
  }

  /// A draw that is right in the mean is off by its noise alone.
  @Test
  void meter_ofRandomSigns_findsTheirNoise() {
    RuleMeter meter = measured(network("elman", 1), "uoro", 200);
    assertTrue(meter.noise().mean() > 0.5, meter::toString);
    double ratio = meter.error().mean() / meter.noise().mean();
    assertTrue(ratio > 0.7 && ratio < 1.05, meter::toString);
    assertEquals(0, measured(network("elman", 1), "uoro", 1).noise().mean());
  }

  @Test
  void meter_ofNoDrawsOrBatches_isRefused() {
    Network network = network("elman", 1);
    String message =
        assertThrows(IllegalArgumentException.class, () -> measured(network, "uoro", 0))
            .getMessage();
    assertEquals("draws: expected 1 or more, got 0", message);
    assertThrows(
        IllegalArgumentException.class,
        () -> RuleMeter.of(network, Team.of(1), List.of(), seed -> new OnlineRule.Immediate(), 1));
  }

  private static ErrorFlow flow(Network network, Passage passage) {
    int[] times = ErrorFlow.allTimes(STEPS);
    return new ErrorFlowMeter(network, Team.of(2), STEPS, BATCH, times.length, passage)
        .measure(batches(network, 1).getFirst(), times);
  }

  @Test
  void flow_ofWhatPasses_isPartOfAllThatDoes() {
    Network network = network("elman", 2);
    ErrorFlow all = flow(network, Passage.WHOLE);
    ErrorFlow same = flow(network, Passage.SAME_UNIT);
    ErrorFlow within = flow(network, Passage.WITHIN);
    for (int l = 0; l < 2; l++) {
      for (int t = 0; t < STEPS; t++) {
        double own = all.layers().get(l).norms()[t][t];
        assertEquals(own, same.layers().get(l).norms()[t][t], 1e-12 * own);
        assertEquals(own, within.layers().get(l).norms()[t][t], 1e-12 * own);
        for (int earlier = 0; earlier < t; earlier++) {
          // An Elman network hands nothing on but through its matrix.
          assertEquals(0, within.layers().get(l).norms()[t][earlier]);
          assertTrue(same.layers().get(l).norms()[t][earlier] > 0);
        }
      }
    }
  }

  /// With a diagonal recurrent matrix there is nothing else than what the same unit hands on.
  @Test
  void flow_ofADiagonalMatrix_isThatOfTheSameUnits() {
    Network network = network("elman", 1);
    Matrix recurrent = network.parameters().matrix("weight_hh_l0");
    for (int r = 0; r < recurrent.rows(); r++) {
      for (int c = 0; c < recurrent.cols(); c++) {
        recurrent.set(r, c, r == c ? 0.8 : 0);
      }
    }
    network.parameters().changed();
    double[][] all = flow(network, Passage.WHOLE).layers().getFirst().norms();
    double[][] same = flow(network, Passage.SAME_UNIT).layers().getFirst().norms();
    for (int t = 0; t < STEPS; t++) {
      for (int earlier = 0; earlier <= t; earlier++) {
        assertEquals(all[t][earlier], same[t][earlier], 1e-12 * all[t][earlier]);
        assertTrue(all[t][earlier] > 0);
      }
    }
  }
}
