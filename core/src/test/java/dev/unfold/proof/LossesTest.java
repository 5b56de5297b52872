package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// The squared error, and the readout that shares its matrix with the embedding.
final class LossesTest {
  private static final int T = 4;
  private static final int B = 3;
  private static final long SEED = Long.getLong("unfold.seed", 20261128L);
  private static final Team TEAM = Team.of(2);

  private final Random random = new Random(SEED);

  LossesTest() {
    System.out.println("LossesTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  private Matrix draw(Precision precision, int cols) {
    Matrix matrix = Matrix.allocate(precision.type(), T * B, cols);
    for (int row = 0; row < T * B; row++) {
      for (int col = 0; col < cols; col++) {
        matrix.set(row, col, random.nextDouble(-1, 1));
      }
    }
    return matrix;
  }

  @Test
  void squaredError_ofEachRow_isItsFormulaAndItsDerivative() {
    for (int outputs : new int[] {1, 3, 20}) {
      checkSquaredError(TestBackends.scalar(Precision.DOUBLE), outputs, 1e-14);
      checkSquaredError(TestBackends.best(Precision.FLOAT), outputs, 1e-5);
    }
  }

  /// Row 5 has no target.
  private void checkSquaredError(Kernels kernels, int outputs, double tolerance) {
    NetworkSpec spec =
        new NetworkSpec(
            Cells.gru(),
            new Encoder.Vectors(2),
            5,
            1,
            new Head.Values(outputs, new ValueLoss.SquaredError()));
    UnrolledNetwork unrolled = UnrolledNetwork.of(Network.create(spec, kernels, SEED), TEAM, T, B);
    Matrix input = draw(kernels.precision(), 2);
    unrolled.input().buffer().copy(input.buffer(), 0, 0, input.buffer().length());
    Matrix targets = draw(kernels.precision(), outputs);
    for (int k = 0; k < outputs; k++) {
      targets.set(5, k, Double.NaN);
    }
    unrolled.forward();
    double[] y = Bits.toArray(unrolled.logits());
    double loss = unrolled.loss(new Targets.Values(targets), Reduction.MEAN);
    Matrix derivatives = unrolled.logits();
    double sum = 0;
    for (int row = 0; row < T * B; row++) {
      double expected = 0;
      for (int k = 0; k < outputs && row != 5; k++) {
        double difference = y[row * outputs + k] - targets.get(row, k);
        expected += difference * difference / outputs;
        double slope = 2 * difference / outputs / (T * B - 1);
        assertEquals(slope, derivatives.get(row, k), tolerance);
      }
      assertEquals(expected, unrolled.losses()[row], tolerance);
      sum += expected;
    }
    assertEquals(0, Math.abs(derivatives.get(5, 0)));
    assertEquals(sum / (T * B - 1), loss, tolerance);
  }

  @Test
  void squaredError_ofOtherOutputs_isRefused() {
    NetworkSpec spec =
        new NetworkSpec(
            Cells.gru(),
            new Encoder.Vectors(2),
            5,
            1,
            new Head.Values(3, new ValueLoss.SquaredError()));
    Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
    UnrolledNetwork unrolled = UnrolledNetwork.of(Network.create(spec, kernels, SEED), TEAM, T, B);
    unrolled.forward();
    Targets targets = new Targets.Values(draw(Precision.DOUBLE, 2));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> unrolled.loss(targets, Reduction.SUM));
    assertEquals("targets: expected K=3, got 2", e.getMessage());
  }

  @Test
  void gradients_ofTiedWeights_areThoseOfTheLoss() {
    NetworkSpec spec =
        new NetworkSpec(Cells.lstm(), new Encoder.Embedding(6, 4), 4, 2, 6, Set.of(Wiring.TIED));
    Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
    Network network = Network.create(spec, kernels, SEED);
    assertTrue(
        network.parameters().tensors().stream().noneMatch(t -> t.name().equals("head.weight")));
    int[] tokens = random.ints((T + 1) * B, 0, 6).toArray();
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, TEAM, T, B);
    Supplier<double[]> losses =
        () -> {
          network.parameters().changed();
          unrolled.forward(tokens, 0);
          unrolled.loss(tokens, B, Reduction.SUM);
          return unrolled.losses().clone();
        };
    unrolled.forward(tokens, 0);
    unrolled.loss(tokens, B, Reduction.SUM);
    Parameters gradients = network.parameters().zeros();
    unrolled.backward(gradients);
    CentralDifferences differences = new CentralDifferences(losses);
    for (Parameters.Tensor tensor : gradients.tensors()) {
      differences.compare(
          tensor.name(),
          network.parameters().matrix(tensor.name()),
          gradients.matrix(tensor.name()));
    }
    assertTrue(differences.largest() < 1e-7, differences::place);
  }
}
