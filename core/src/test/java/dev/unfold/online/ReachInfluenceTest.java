package dev.unfold.online;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What reaches a state within n steps, where recurrent matrices have zeros.
@DisabledIfSystemProperty(
    named = "unfold.memory",
    matches = "remote",
    disabledReason = "online rules are refused there")
final class ReachInfluenceTest {
  private static final int UNITS = 5;
  private static final int STEPS = 9;
  private static final int BATCH = 2;

  /// A network whose units see themselves and the one before, in a ring.
  private static Network ring(String cell, int layers) {
    NetworkSpec spec = new NetworkSpec(Cells.named(cell), new Encoder.Vectors(2), UNITS, layers, 3);
    Network network = Network.create(spec, TestBackends.scalar(Precision.DOUBLE), 4);
    for (int l = 0; l < layers; l++) {
      Matrix recurrent = network.parameters().matrix("weight_hh_l" + l);
      for (int r = 0; r < recurrent.rows(); r++) {
        for (int c = 0; c < UNITS; c++) {
          int unit = r % UNITS;
          if (c != unit && c != Math.floorMod(unit - 1, UNITS)) {
            recurrent.set(r, c, 0);
          }
        }
      }
    }
    network.parameters().changed();
    return network;
  }

  private static Parameters gradients(Network network, OnlineRule rule) {
    SplittableRandom random = new SplittableRandom(2);
    Matrix inputs = Matrix.allocate(network.kernels().type(), STEPS * BATCH, 2);
    int[] classes = new int[STEPS * BATCH];
    for (int row = 0; row < classes.length; row++) {
      inputs.set(row, 0, random.nextDouble(-1, 1));
      inputs.set(row, 1, random.nextDouble(-1, 1));
      classes[row] = random.nextInt(3);
    }
    Batch batch =
        Batch.of(STEPS, BATCH, new Inputs.Vectors(inputs), new Targets.Classes(classes, 0));
    OnlineGradient online = OnlineGradient.of(network, Team.of(1), BATCH, rule);
    Parameters sum = network.parameters().zeros();
    for (int t = 0; t < STEPS; t++) {
      online.step(batch.part(t, t + 1), Reduction.SUM, sum);
    }
    return sum;
  }

  /// Equal, but for recurrent weights that are zero, which learn nothing.
  private static void assertSame(Network network, Parameters expected, Parameters got) {
    int zeros = 0;
    for (Parameters.Tensor tensor : network.parameters().tensors()) {
      Matrix value = network.parameters().matrix(tensor.name());
      Matrix a = expected.matrix(tensor.name());
      Matrix b = got.matrix(tensor.name());
      for (int r = 0; r < value.rows(); r++) {
        for (int c = 0; c < value.cols(); c++) {
          boolean isZero = tensor.name().startsWith("weight_hh") && value.get(r, c) == 0;
          zeros += isZero ? 1 : 0;
          assertEquals(isZero ? 0 : a.get(r, c), b.get(r, c), 1e-12, tensor.name());
        }
      }
    }
    assertTrue(zeros > 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"elman", "lstm", "gru"})
  void snap_ofOneStep_isThatOfUnitsAlone(String cell) {
    for (int layers = 1; layers < 3; layers++) {
      Network network = ring(cell, layers);
      assertSame(
          network,
          gradients(network, new OnlineRule.SnAp1(false)),
          gradients(network, new OnlineRule.SnApN(1)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"elman", "lstm", "gru"})
  void snap_ofAsManyStepsAsUnits_isExact(String cell) {
    Network network = ring(cell, 1);
    Parameters exact = gradients(network, new OnlineRule.Rtrl(false));
    assertSame(network, exact, gradients(network, new OnlineRule.SnApN(UNITS)));
    Matrix all = exact.matrix("weight_ih_l0");
    Matrix two = gradients(network, new OnlineRule.SnApN(2)).matrix("weight_ih_l0");
    assertTrue(Math.abs(all.get(0, 0) - two.get(0, 0)) > 1e-9);
  }

  @Test
  void snap_ofMatricesWithoutZeros_isRefused() {
    NetworkSpec spec = new NetworkSpec(Cells.named("elman"), new Encoder.Vectors(2), UNITS, 1, 3);
    Network dense = Network.create(spec, TestBackends.scalar(Precision.DOUBLE), 4);
    assertRefused(
        "rule: expected recurrent matrices with zeros for snap-n, or rtrl",
        () -> OnlineGradient.of(dense, Team.of(1), 1, new OnlineRule.SnApN(2)));
    assertRefused("steps: expected n of 1 or more, got 0", () -> new OnlineRule.SnApN(0));
    NetworkSpec mixing =
        new NetworkSpec(Cells.named("gru_reset_before"), new Encoder.Vectors(2), UNITS, 1, 3);
    assertRefused(
        "rule: cell gru_reset_before: expected",
        () -> new OnlineRule.SnApN(2).expectUsable(mixing));
  }

  private static void assertRefused(String start, Runnable made) {
    String message = assertThrows(IllegalArgumentException.class, made::run).getMessage();
    assertTrue(message.startsWith(start), message);
  }
}
