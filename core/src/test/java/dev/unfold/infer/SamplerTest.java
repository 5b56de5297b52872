package dev.unfold.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Inputs;
import org.junit.jupiter.api.Test;

class SamplerTest {
  private static final double[] BIAS = {0, 1, 2, -1};

  /// A network whose logits are the readout's bias whatever it has read.
  private static Network constant() {
    Network network =
        Network.zeros(
            NetworkSpec.tokens(Cells.lstm(), 4, 2, 3), TestBackends.scalar(Precision.FLOAT));
    Matrix bias = network.parameters().matrix("head.bias");
    for (int k = 0; k < BIAS.length; k++) {
      Numbers.set(bias, 0, k, BIAS[k]);
    }
    network.parameters().changed();
    return network;
  }

  private static double[] frequencies(double temperature, int topK) {
    Sampler sampler = new Sampler(constant(), temperature, topK, 11);
    sampler.read(0);
    int draws = 20_000;
    double[] counts = new double[BIAS.length];
    for (int i = 0; i < draws; i++) {
      counts[sampler.next()] += 1.0 / draws;
    }
    return counts;
  }

  private static void assertDistribution(double temperature, int topK, boolean... stays) {
    double[] expected = new double[BIAS.length];
    double sum = 0;
    for (int k = 0; k < BIAS.length; k++) {
      expected[k] = stays[k] ? Math.exp(BIAS[k] / temperature) : 0;
      sum += expected[k];
    }
    double[] seen = frequencies(temperature, topK);
    for (int k = 0; k < BIAS.length; k++) {
      double p = expected[k] / sum;
      // Five deviations of a frequency among 20,000 draws.
      assertEquals(p, seen[k], 5 * Math.sqrt(p * (1 - p) / 20_000), "token " + k);
    }
  }

  @Test
  void next_manyDraws_followTheSoftmaxOfTheLogits() {
    assertDistribution(1, 4, true, true, true, true);
  }

  @Test
  void next_lowTemperature_sharpensTheDistribution() {
    assertDistribution(0.5, 9, true, true, true, true);
  }

  @Test
  void next_topTwo_leavesTheTwoLikeliest() {
    assertDistribution(1, 2, false, true, true, false);
  }

  @Test
  void next_temperatureZero_takesTheLikeliest() {
    assertEquals(1.0, frequencies(0, 4)[2], 1e-9);
  }

  @Test
  void next_sameSeed_drawsTheSameTokens() {
    Network network =
        Network.create(
            NetworkSpec.tokens(Cells.gru(), 4, 2, 3), TestBackends.scalar(Precision.FLOAT), 5);
    Sampler one = new Sampler(network, 1, 4, 3);
    Sampler two = new Sampler(network, 1, 4, 3);
    one.read(1);
    two.read(1);
    for (int i = 0; i < 100; i++) {
      assertEquals(one.next(), two.next());
    }
  }

  @Test
  void next_excludedToken_isNeverDrawn() {
    Sampler sampler = new Sampler(constant(), 1, 4, 1);
    sampler.exclude(2);
    sampler.exclude(1);
    sampler.read(0);
    for (int i = 0; i < 1000; i++) {
      int next = sampler.next();
      assertNotEquals(2, next);
      assertNotEquals(1, next);
    }
    assertEquals(
        "token: expected 0 to V-1=3, got 4",
        assertThrows(IllegalArgumentException.class, () -> sampler.exclude(4)).getMessage());
  }

  @Test
  void next_logitsNotFinite_isRefused() {
    Network network = constant();
    Numbers.set(network.parameters().matrix("head.bias"), 0, 2, Double.POSITIVE_INFINITY);
    network.parameters().changed();
    Sampler sampler = new Sampler(network, 1, 4, 1);
    sampler.read(0);

    assertEquals(
        "logits: expected finite numbers, got a sum of NaN",
        assertThrows(ArithmeticException.class, sampler::next).getMessage());
  }

  @Test
  void sampler_nonsense_isRefused() {
    assertEquals(
        "temperature: expected 0 or more, got -1.0",
        assertThrows(IllegalArgumentException.class, () -> new Sampler(constant(), -1, 4, 1))
            .getMessage());
    assertEquals(
        "top-k: expected 1 or more, got 0",
        assertThrows(IllegalArgumentException.class, () -> new Sampler(constant(), 1, 0, 1))
            .getMessage());
    assertTrue(
        assertThrows(IllegalStateException.class, () -> new Sampler(constant(), 1, 4, 1).next())
            .getMessage()
            .startsWith("token: expected one to be read first"));
    Sampler sampler = new Sampler(constant(), 1, 4, 1);
    for (int token : new int[] {-1, 4, Integer.MAX_VALUE}) {
      assertEquals(
          "token: expected 0 to V-1=3, got " + token,
          assertThrows(IllegalArgumentException.class, () -> sampler.read(token)).getMessage());
    }
    Network vectors =
        Network.zeros(
            new NetworkSpec(Cells.gru(), new Encoder.Vectors(4), 3, 1, 4), constant().kernels());
    assertEquals(
        "network: expected one that reads tokens of V=K=4, got Vectors[width=4]",
        assertThrows(IllegalArgumentException.class, () -> new Sampler(vectors, 1, 4, 1))
            .getMessage());
    assertEquals(
        "state: expected B=1, got 2",
        assertThrows(
                IllegalArgumentException.class,
                () -> new Sampler(constant(), 1, 4, 1, constant().zeroState(2)))
            .getMessage());
  }

  @Test
  void sampler_fromAnothersState_goesOnWithTheSameTokens() {
    for (String cell : new String[] {"lstm", "gru", "elman"}) {
      Network network =
          Network.create(
              NetworkSpec.tokens(Cells.named(cell), 40, 8, 12),
              TestBackends.best(Precision.FLOAT),
              5);
      Sampler whole = new Sampler(network, 1.5, 30, 77);
      Sampler here = new Sampler(network, 1.5, 30, 77);
      whole.read(3);
      here.read(3);
      for (int i = 0; i < 25; i++) {
        assertEquals(whole.next(), here.next());
      }
      int token = here.draw();
      Sampler there = new Sampler(network, 1.5, 30, here.seed(), here.state());
      assertEquals(whole.next(), token);
      there.read(token);
      for (int i = 0; i < 200; i++) {
        assertEquals(whole.next(), there.next(), cell + " " + i);
      }
      assertEquals(whole.seed(), there.seed());
    }
  }

  @Test
  void state_afterAPrompt_isThatOfARun() {
    Network network =
        Network.create(
            NetworkSpec.tokens(Cells.gru(), 4, 2, 3), TestBackends.scalar(Precision.FLOAT), 5);
    Sampler sampler = new Sampler(network, 1, 4, 3);
    sampler.read(1);
    sampler.read(2);
    State expected =
        new Runner(network)
            .run(new Inputs.Tokens(new int[] {1, 2}, 0), network.zeroState(1))
            .state();
    Matrix numbers = expected.layers().getFirst().getFirst();
    Matrix got = sampler.state().layers().getFirst().getFirst();
    for (int h = 0; h < 3; h++) {
      assertEquals(Numbers.get(numbers, 0, h), Numbers.get(got, 0, h));
    }
  }
}
