package dev.unfold.cell.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Cell;
import dev.unfold.head.Head;
import dev.unfold.head.ValueLoss;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.sequence.Inputs;
import org.junit.jupiter.api.Test;

/// Cells of other programs, against their equations written out.
final class ActivatedCellsTest {
  private static final Kernels KERNELS = Backends.named("scalar", Precision.DOUBLE);

  /// A few roundings of numbers of about 1.
  private static final double TOLERANCE = 8 * Math.ulp(1.0);

  private static double hard(double x, double slope) {
    return Math.clamp(slope * x + 0.5, 0, 1);
  }

  @Test
  void lstm_ofHardSigmoids_isThatOfItsEquations() {
    for (ActivatedCells.Gate gate :
        new ActivatedCells.Gate[] {
          ActivatedCells.Gate.HARD_SIGMOID, ActivatedCells.Gate.HARD_SIGMOID_FIFTH
        }) {
      double slope = gate == ActivatedCells.Gate.HARD_SIGMOID ? 1.0 / 6 : 0.2;
      Cell cell = ActivatedCells.of(ActivatedCells.Kind.LSTM, gate, Activation.RELU);
      // One unit, whose four nets are the input times 1, 2, 3 and 4, from far below to far above.
      for (double x = -9; x <= 9; x += 0.25) {
        double i = hard(x, slope);
        double g = Math.max(0, 3 * x);
        double o = hard(4 * x, slope);
        assertEquals(o * Math.max(0, i * g), output(cell, 4, x), 20 * TOLERANCE, gate + " of " + x);
      }
    }
  }

  @Test
  void gru_ofHardSigmoids_isThatOfItsEquations() {
    Cell cell =
        ActivatedCells.of(
            ActivatedCells.Kind.GRU, ActivatedCells.Gate.HARD_SIGMOID, Activation.TANH);
    for (double x = -9; x <= 9; x += 0.25) {
      double z = hard(2 * x, 1.0 / 6);
      assertEquals((1 - z) * Math.tanh(3 * x), output(cell, 3, x), TOLERANCE, "of " + x);
    }
  }

  /// The state after one step from zero.
  private static double output(Cell cell, int rows, double x) {
    Network network =
        Network.zeros(
            new NetworkSpec(
                cell,
                new Encoder.Vectors(1),
                1,
                1,
                new Head.Values(1, new ValueLoss.SquaredError())),
            KERNELS);
    Parameters parameters = network.parameters();
    for (int r = 0; r < rows; r++) {
      parameters.matrix("weight_ih_l0").set(r, 0, r + 1);
    }
    parameters.matrix(Head.WEIGHT).set(0, 0, 1);
    parameters.changed();
    Matrix input = Matrix.onHeap(KERNELS.type(), 1, 1);
    input.set(0, 0, x);
    return new Runner(network).runWhole(new Inputs.Vectors(input), 1).get(0, 0);
  }

  @Test
  void names_ofAll_areFoundButNotListed() {
    for (ActivatedCells.Kind kind : ActivatedCells.Kind.values()) {
      for (ActivatedCells.Gate gate : ActivatedCells.Gate.values()) {
        for (Activation activation : Activation.values()) {
          Cell cell = ActivatedCells.of(kind, gate, activation);
          assertEquals(cell.equations(), Cells.named(cell.name()).equations());
          boolean isStandard = gate == ActivatedCells.Gate.SIGMOID && activation == Activation.TANH;
          assertEquals(isStandard, Cells.names().contains(cell.name()));
        }
      }
    }
    assertFalse(Cells.names().contains("lstm_hard_sigmoid"));
  }
}
