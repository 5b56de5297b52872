package dev.unfold.tangent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.flow.ErrorFlow;
import dev.unfold.head.Targets;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.proof.Numbers;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RoundsInTimeTest {
  private static final int STEPS = 60;
  private static final int INPUT = 4;

  private final Random random = new Random(10);

  private static Network network(String cell, int hidden, double recurrent) {
    NetworkSpec spec =
        new NetworkSpec(Cells.named(cell), new Encoder.Vectors(INPUT), hidden, 1, Study.CLASSES);
    Network network = Network.create(spec, Study.KERNELS, 3);
    for (Parameters.Tensor tensor : network.parameters().tensors()) {
      if (tensor.name().startsWith("weight_hh")) {
        scale(network.parameters().matrix(tensor.name()), recurrent);
      }
    }
    network.parameters().changed();
    return network;
  }

  private static void scale(Matrix matrix, double by) {
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < matrix.cols(); c++) {
        Numbers.set(matrix, r, c, Numbers.get(matrix, r, c) * by);
      }
    }
  }

  private Inputs.Vectors inputs() {
    Matrix x = Matrix.allocate(Study.KERNELS.type(), STEPS, INPUT);
    for (int t = 0; t < STEPS; t++) {
      for (int i = 0; i < INPUT; i++) {
        x.set(t, i, random.nextGaussian());
      }
    }
    return new Inputs.Vectors(x);
  }

  /// The geometric mean of the gains of the error flow.
  private double gain(Network network, Inputs inputs) {
    int[] classes = random.ints(STEPS, 0, Study.CLASSES).toArray();
    Batch batch = Batch.of(STEPS, 1, inputs, new Targets.Classes(classes, 0));
    ErrorFlow flow = ErrorFlow.of(network, Team.of(1), batch, ErrorFlow.allTimes(STEPS));
    double sum = 0;
    for (int t = 1; t < STEPS; t++) {
      sum += Math.log(flow.layers().getFirst().meanGain(t));
    }
    return Math.exp(sum / (STEPS - 1));
  }

  @Test
  void memory_ofAGain_isHowLongAnErrorLasts() {
    assertEquals(OptionalInt.of(17), RoundsInTime.memory(0.5));
    assertEquals(OptionalInt.of(1), RoundsInTime.memory(0));
    assertEquals(OptionalInt.empty(), RoundsInTime.memory(1));
    assertEquals(OptionalInt.empty(), RoundsInTime.memory(Double.NaN));
  }

  /// The rule of thumb, on layers from those that forget at once to those that hardly do.
  @ParameterizedTest
  @CsvSource({
    "elman, 1",
    "elman, 2",
    "gru, 1",
    "gru, 4",
    "lstm, 1",
    "lstm, 4",
    "janet, 1",
    "cfc, 3",
    "slstm, 3",
    "mgu, 5"
  })
  void rounds_whereErrorsDieAlongTheStatesAndAtTheGuess_areNoMoreThanTheMemory(
      String cell, double recurrent) {
    Network network = network(cell, 8, recurrent);
    Inputs inputs = inputs();
    RoundsInTime found = RoundsInTime.of(network, inputs, STEPS).getFirst();
    int memory = RoundsInTime.memory(gain(network, inputs)).orElseThrow();
    RoundsInTime.Taken whole = found.whole().orElseThrow();
    assertTrue(found.gainAtGuess() < 1 && memory < STEPS, found::toString);
    assertTrue(whole.isSettled() && whole.rounds() <= memory, found + " after " + memory);
    assertTrue(whole.rounds() <= 9, found::toString);
  }

  /// Where the slopes at the guess stretch, the rule fails: an Elman network with large weights, whose units are
  /// saturated along the states.
  @Test
  void rounds_whereErrorsGrowAtTheGuess_mayBeMoreThanTheMemory() {
    Network network = network("elman", 8, 6);
    Inputs inputs = inputs();
    RoundsInTime found = RoundsInTime.of(network, inputs, STEPS).getFirst();
    assertTrue(found.gainAtGuess() > 1.5, found::toString);
    assertTrue(found.whole().orElseThrow().rounds() > 9, found::toString);
  }

  /// U of an Elman network without a function is what every step stretches by: here a multiple of a rotation.
  @Test
  void gainAtGuess_ofARotation_isItsFactor() {
    Network network = network("elman_identity", 2, 1);
    Matrix recurrent = network.parameters().matrix("weight_hh_l0");
    double[][] rotation = {{0.6, -0.8}, {0.8, 0.6}};
    for (int r = 0; r < 2; r++) {
      for (int c = 0; c < 2; c++) {
        Numbers.set(recurrent, r, c, 1.25 * rotation[r][c]);
      }
    }
    network.parameters().changed();
    RoundsInTime found = RoundsInTime.of(network, inputs(), STEPS).getFirst();
    assertEquals(1.25, found.gainAtGuess(), 1e-9);
    assertTrue(found.isLinear());
    assertEquals(1, found.whole().orElseThrow().rounds());
    assertEquals(STEPS, found.diagonal().orElseThrow().rounds());
  }

  @ParameterizedTest
  @ValueSource(strings = {"mingru", "rg_lru"})
  void rounds_ofALinearCellOfUnitsApart_areOneEitherWay(String cell) {
    RoundsInTime found = RoundsInTime.of(network(cell, 8, 1), inputs(), STEPS).getFirst();
    assertTrue(found.isLinear());
    assertEquals(new RoundsInTime.Taken(1, true), found.whole().orElseThrow());
    assertEquals(new RoundsInTime.Taken(1, true), found.diagonal().orElseThrow());
  }

  /// Finding out would take minutes: S T P is above what is taken on.
  @Test
  void rounds_ofALargeLayer_areNotTaken() {
    RoundsInTime found = RoundsInTime.of(network("gru", 160, 1), inputs(), STEPS).getFirst();
    assertEquals(Optional.empty(), found.whole());
    assertEquals(Optional.empty(), found.diagonal());
    assertTrue(found.gainAtGuess() > 0);
  }

  @Test
  void rounds_ofTwoLayers_areThoseOfEach() {
    NetworkSpec spec =
        new NetworkSpec(Cells.gru(), new Encoder.Vectors(INPUT), 5, 2, Study.CLASSES);
    Network network = Network.create(spec, Study.KERNELS, 3);
    assertEquals(2, RoundsInTime.of(network, inputs(), STEPS).size());
    assertFalse(RoundsInTime.isLinear(spec.stack().getFirst()));
  }
}
