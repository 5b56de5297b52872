package dev.unfold.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
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
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Histograms of gates and activations, against networks whose values are known.
final class SaturationTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261130L);
  private static final Kernels KERNELS = TestBackends.scalar(Precision.DOUBLE);
  private static final int T = 7;
  private static final int B = 3;
  private static final int K = 4;

  SaturationTest() {
    System.out.println("SaturationTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  private static Batch batch() {
    int[] tokens = new Random(SEED).ints((T + 1) * B, 0, K).toArray();
    return Batch.of(T, B, new Inputs.Tokens(tokens, 0), new Targets.Classes(tokens, B));
  }

  private static Network network(Cell cell, Wiring... wiring) {
    return Network.create(
        new NetworkSpec(cell, new Encoder.Embedding(K, 3), 8, 2, K, Set.of(wiring)), KERNELS, SEED);
  }

  private static Map<String, Saturation> byName(Network network) {
    return Saturation.of(network, Team.of(1), batch()).stream()
        .collect(Collectors.toMap(s -> s.layer() + " " + s.name(), s -> s));
  }

  @Test
  void lstm_hasItsGatesAndActivations_inTheOrderOfItsEquations() {
    assertEquals(
        List.of(
            "l0 f",
            "l0 i",
            "l0 g",
            "l0 o",
            "l0 tanh(c)",
            "l1 f",
            "l1 i",
            "l1 g",
            "l1 o",
            "l1 tanh(c)"),
        Saturation.of(network(Cells.lstm()), Team.of(1), batch()).stream()
            .map(own -> own.layer() + " " + own.name())
            .toList());
  }

  @Test
  void elman_hasItsState() {
    assertEquals(Set.of("l0 h", "l1 h"), byName(network(Cells.named("elman"))).keySet());
  }

  @Test
  void gru_inBothDirections_hasThemInBoth() {
    assertEquals(
        Set.of("r", "z", "n"),
        Saturation.of(network(Cells.gru(), Wiring.BIDIRECTIONAL), Team.of(1), batch()).stream()
            .filter(s -> s.layer().equals("l1_reverse"))
            .map(Saturation::name)
            .collect(Collectors.toSet()));
  }

  @ParameterizedTest
  @MethodSource("dev.unfold.cell.library.Cells#names")
  void shares_ofAnyCell_addUpToOne(String cell) {
    List<Saturation> all = Saturation.of(network(Cells.named(cell)), Team.of(1), batch());
    boolean isLinear = cell.equals("elman_identity") || cell.equals("lru");
    assertEquals(isLinear, all.isEmpty());
    for (Saturation own : all) {
      assertEquals(1, own.shares().stream().mapToDouble(share -> share).sum(), 1e-12, own.name());
      assertTrue(own.low() >= 0 && own.high() >= 0 && own.share() <= 1, own.toString());
    }
  }

  @Test
  void gates_withLargeBiases_areSaturatedAndStuck() {
    Network network = network(Cells.lstm());
    Parameters p = network.parameters();
    for (int i = 0; i < 8; i++) {
      Numbers.set(p.matrix("bias_ih_l0"), 0, i, -50);
      Numbers.set(p.matrix("bias_ih_l0"), 0, 8 + i, i < 2 ? 50 : 0);
    }
    p.changed();
    Map<String, Saturation> all = byName(network);
    assertEquals(1, all.get("l0 i").low());
    assertEquals(0, all.get("l0 i").high());
    assertEquals(8, all.get("l0 i").stuck());
    assertEquals(1, all.get("l0 i").shares().getFirst());
    assertEquals(0.25, all.get("l0 f").high());
    assertEquals(2, all.get("l0 f").stuck());
    assertEquals(0.25, all.get("l0 f").shares().getLast(), 1e-12);
  }

  @Test
  void relus_thatNeverFire_areDead() {
    Network network = network(Cells.named("elman_relu"));
    Matrix bias = network.parameters().matrix("bias_ih_l0");
    for (int i = 0; i < 3; i++) {
      Numbers.set(bias, 0, i, -100);
    }
    network.parameters().changed();
    Saturation relu = byName(network).get("l0 h");
    assertEquals(Saturation.Function.RELU, relu.function());
    assertTrue(relu.stuck() >= 3 && relu.stuck() < 8, relu.toString());
    assertTrue(relu.low() >= 3.0 / 8 && relu.high() == 0, relu.toString());
    assertTrue(relu.until() > 0, relu.toString());
  }
}
