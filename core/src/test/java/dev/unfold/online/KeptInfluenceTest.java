package dev.unfold.online;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
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
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a rule keeps, taken out and put in again.
@DisabledIfSystemProperty(
    named = "unfold.memory",
    matches = "remote",
    disabledReason = "online rules are refused there")
final class KeptInfluenceTest {
  private static final int STEPS = 29;
  private static final int BATCH = 3;

  private static Network network(String cell, int layers) {
    return network(cell, layers, 6);
  }

  /// @param cell its name, with `/N` behind it in N heads
  private static Network network(String cell, int layers, int units) {
    int slash = cell.indexOf('/');
    Cell own =
        slash < 0
            ? Cells.named(cell)
            : Cells.named(cell.substring(0, slash))
                .withHeads(Integer.parseInt(cell.substring(slash + 1)));
    NetworkSpec spec = new NetworkSpec(own, new Encoder.Vectors(2), units, layers, 4);
    return Network.create(spec, TestBackends.best(Precision.FLOAT), 3);
  }

  private static Batch steps(Network network) {
    SplittableRandom random = new SplittableRandom(7);
    Matrix inputs = Matrix.allocate(network.kernels().type(), STEPS * BATCH, 2);
    int[] classes = new int[STEPS * BATCH];
    for (int row = 0; row < classes.length; row++) {
      inputs.set(row, 0, random.nextDouble());
      inputs.set(row, 1, random.nextDouble());
      classes[row] = random.nextInt(4);
    }
    return Batch.of(STEPS, BATCH, new Inputs.Vectors(inputs), new Targets.Classes(classes, 0));
  }

  private static OnlineGradient online(Network network, String rule) {
    return OnlineGradient.of(network, Team.of(2), BATCH, OnlineRule.parse(rule, 5, 4));
  }

  private static double[] gradients(OnlineGradient online, Network network, int from) {
    Parameters sum = network.parameters().zeros();
    Batch all = steps(network);
    for (int t = from; t < STEPS; t++) {
      online.step(all.part(t, t + 1), Reduction.MEAN, sum);
    }
    return sum.buffer().toArray();
  }

  @ParameterizedTest
  @CsvSource({
    "elman, 1, rtrl",
    "lstm, 2, rtrl",
    "lstm/2, 2, rtrl-layerwise",
    "gru/3, 1, rtrl",
    "mingru, 1, rtrl",
    "lstm, 1, snap1",
    "lstm, 1, snap1-strict",
    "gru, 2, eprop",
    "elman, 1, rflo",
    "elman, 1, immediate",
    "lstm, 1, uoro",
    "elman, 1, kf-rtrl"
  })
  void kept_givenToAnother_goesOnBitForBit(String cell, int layers, String rule) {
    Network network = network(cell, layers);
    OnlineGradient first = online(network, rule);
    first.limit(0.3);
    Batch all = steps(network);
    for (int t = 0; t < 13; t++) {
      first.step(all.part(t, t + 1), Reduction.MEAN, network.parameters().zeros());
    }
    KeptInfluence kept = first.kept();
    OnlineGradient second = online(network, rule);
    second.limit(0.3);
    second.start(first.state(), kept);
    boolean keepsNothing = kept.numbers().isEmpty();
    assertEquals(keepsNothing, second.watch().norm() == 0, "told at once");
    double[] whole = gradients(first, network, 13);
    assertArrayEquals(whole, gradients(second, network, 13));
    assertEquals(first.timesLimited(), second.timesLimited());
    assertEquals(first.watch(), second.watch());
    // What was taken out is not what goes on.
    OnlineGradient third = online(network, rule);
    third.limit(0.3);
    third.start(first.state(), kept);
    for (int i = 0; i < kept.numbers().size(); i++) {
      assertArrayEquals(
          kept.numbers().get(i).buffer().toArray(),
          third.kept().numbers().get(i).buffer().toArray());
    }
  }

  @Test
  void kept_ofAnotherRuleOrNotFinite_isRefusedAndNothingHasChanged() {
    Network network = network("elman", 1);
    OnlineGradient online = online(network, "rtrl");
    gradients(online, network, 0);
    KeptInfluence before = online.kept();
    assertRefused("kept: expected 3 parts, got 1", online, online(network, "snap1").kept());
    assertRefused(
        "kept: part 0: expected [6, ", online, online(network("elman_relu", 2), "rtrl").kept());
    KeptInfluence spoilt = online.kept();
    spoilt.numbers().get(1).set(0, 0, Double.NaN);
    assertRefused("kept: part 1: expected finite numbers, got others", online, spoilt);
    assertArrayEquals(
        before.numbers().get(1).buffer().toArray(),
        online.kept().numbers().get(1).buffer().toArray());
  }

  private static void assertRefused(String start, OnlineGradient online, KeptInfluence kept) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> online.start(online.state(), kept))
            .getMessage();
    assertTrue(message.startsWith(start), message);
  }

  @Test
  void footprint_ofEachRule_countsWhatIsKept() {
    for (String rule : List.of("rtrl", "rtrl-layerwise", "snap1", "eprop", "immediate", "uoro")) {
      for (String cell : List.of("elman", "lstm", "mingru", "lstm/4")) {
        for (int layers = 1; layers < 3; layers++) {
          // Of so many units that there are no gaps between parameters.
          Network network = network(cell, layers, 16);
          long bytes = online(network, rule).bytes();
          long told =
              Footprint.of(network.spec(), Precision.FLOAT, 100, BATCH, new Engine.Online(rule, 1));
          long others =
              Footprint.of(
                  network.spec(), Precision.FLOAT, 100, BATCH, new Engine.Online("immediate", 1));
          String what = "%s %s %d: %d told, %d".formatted(rule, cell, layers, told, bytes);
          assertTrue(told - others >= bytes, what);
          // Beside a whole J, the errors that are followed back are not much.
          boolean isWhole = rule.startsWith("rtrl") && !cell.equals("mingru");
          assertTrue(!isWhole || told - others <= 2 * bytes, what);
        }
      }
    }
  }
}
