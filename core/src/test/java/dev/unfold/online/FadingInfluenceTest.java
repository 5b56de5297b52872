package dev.unfold.online;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FadingInfluenceTest {
  private static final int UNITS = 5;
  private static final int INPUTS = 3;
  private static final int STEPS = 300;

  @ParameterizedTest
  @ValueSource(strings = {"rtrl", "snap1"})
  void influence_ofAnInputThatFallsSilent_fadesToZeroAndIsNeverBelowTheNormalRange(String rule) {
    for (String backend : List.of("scalar", "vector")) {
      Kernels kernels = Backends.named(backend, Precision.FLOAT);
      NetworkSpec spec =
          new NetworkSpec(Cells.named("elman"), new Encoder.Vectors(INPUTS), UNITS, 1, 2);
      Network network = Network.zeros(spec, kernels);
      Matrix recurrent = network.parameters().matrix("weight_hh_l0");
      Matrix bias = network.parameters().matrix("bias_ih_l0");
      for (int i = 0; i < UNITS; i++) {
        recurrent.set(i, i, 0.5);
        recurrent.set(i, (i + 1) % UNITS, 0.01);
        bias.set(0, i, 0.3); // the states do not fade
      }
      network.parameters().changed();
      OnlineGradient online =
          OnlineGradient.of(network, Team.of(2), 1, OnlineRule.parse(rule, 1, 2));
      Parameters gradients = network.parameters().zeros();
      online.step(step(kernels, 1), Reduction.SUM, gradients);
      int first = online.firstColumn("weight_ih_l0");
      assertTrue(largest(online, first) > 0.1, backend);
      for (int t = 1; t < STEPS; t++) {
        online.step(step(kernels, 0), Reduction.SUM, gradients);
        expectNormal(online.influence(0), backend + ", step " + t);
      }
      assertEquals(0, largest(online, first), backend);
      assertTrue(largest(online, online.firstColumn("bias_ih_l0")) > 0.1, backend);
    }
  }

  private static Batch step(Kernels kernels, double input) {
    Matrix inputs = Matrix.allocate(kernels.type(), 1, INPUTS);
    for (int i = 0; i < INPUTS; i++) {
      inputs.set(0, i, input);
    }
    return Batch.of(1, 1, new Inputs.Vectors(inputs), new Targets.Classes(new int[] {1}, 0));
  }

  private static void expectNormal(Matrix numbers, String what) {
    for (int row = 0; row < numbers.rows(); row++) {
      for (double number : numbers.row(row)) {
        assertTrue(number == 0 || Math.abs(number) >= Float.MIN_NORMAL, what + ": " + number);
      }
    }
  }

  /// The largest influence of the parameters of unit 0 on it, from column `from` on.
  private static double largest(OnlineGradient online, int from) {
    return Math.abs(online.influence(0).get(0, from));
  }
}
