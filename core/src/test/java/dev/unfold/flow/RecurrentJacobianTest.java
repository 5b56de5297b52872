package dev.unfold.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import dev.unfold.model.init.InitialValues;
import dev.unfold.model.init.Initialization;
import dev.unfold.model.init.Initializer;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Inputs;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RecurrentJacobianTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261129L);
  private static final Kernels KERNELS = TestBackends.scalar(Precision.DOUBLE);

  private final Random random = new Random(SEED);

  RecurrentJacobianTest() {
    System.out.println(
        "RecurrentJacobianTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  /// A product of two rotations of four numbers with a diagonal matrix between.
  @Test
  void singularValues_ofAKnownMatrix_areItsScales() {
    double[] scales = {5, 2, 1e-3, 0};
    double[][] matrix = new double[4][4];
    double[][] left = rotation();
    double[][] right = rotation();
    for (int r = 0; r < 4; r++) {
      for (int c = 0; c < 4; c++) {
        for (int k = 0; k < 4; k++) {
          matrix[r][c] += left[r][k] * scales[k] * right[k][c];
        }
      }
    }
    assertArrayEquals(scales, RecurrentJacobian.singularValues(matrix), 1e-13);
  }

  private double[][] rotation() {
    double[][] all = new double[4][4];
    Matrix drawn = Matrix.allocate(ElementType.FLOAT64, 4, 4);
    new InitialValues(random.nextLong(), "any").fill(drawn, new Initializer.Orthogonal(), 4);
    for (int i = 0; i < 16; i++) {
      all[i / 4][i % 4] = drawn.get(i / 4, i % 4);
    }
    return all;
  }

  /// The Frobenius norm of the Jacobian by central differences is that of the singular values.
  @ParameterizedTest
  @CsvSource({
    "elman, 1",
    "lstm, 1",
    "gru, 1",
    "gru_reset_before, 1",
    "lstm_layer_norm, 1",
    "lstm, 2",
    "gru_reset_before, 4"
  })
  void singularValues_ofANetwork_haveTheNormOfItsDifferences(String name, int heads) {
    Cell cell = Cells.named(name).withHeads(heads);
    NetworkSpec spec = new NetworkSpec(cell, new Encoder.Embedding(5, 3), 4, 2, 5);
    Network network = Network.create(spec, KERNELS, SEED);
    State state = network.zeroState(1);
    state.layers().forEach(layer -> layer.forEach(this::draw));
    Inputs input = new Inputs.Tokens(new int[] {3}, 0);
    RecurrentJacobian jacobian = RecurrentJacobian.of(network, Team.of(2), state, input);
    double[] values = jacobian.all();
    assertEquals(RecurrentJacobian.states(network), values.length);
    double expected = 0;
    double[] ofLayers = new double[2];
    double step = 1e-5;
    for (int l = 0; l < 2; l++) {
      for (Matrix own : state.layers().get(l)) {
        for (int i = 0; i < own.cols(); i++) {
          double value = own.get(0, i);
          own.set(0, i, value + step);
          State above = new Runner(network).run(input, state).state();
          own.set(0, i, value - step);
          State below = new Runner(network).run(input, state).state();
          own.set(0, i, value);
          expected += square(above, below, 0, 2 * step) + square(above, below, 1, 2 * step);
          ofLayers[l] += square(above, below, l, 2 * step);
        }
      }
    }
    assertEquals(expected, squares(values), 1e-8 * expected);
    for (int l = 0; l < 2; l++) {
      assertEquals(ofLayers[l], squares(jacobian.layers().get(l)), 1e-8 * ofLayers[l]);
    }
  }

  private static double squares(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return sum;
  }

  private void draw(Matrix matrix) {
    for (int i = 0; i < matrix.cols(); i++) {
      matrix.set(0, i, random.nextDouble(-1, 1));
    }
  }

  /// Of the states of layer `l`.
  private static double square(State above, State below, int l, double step) {
    double sum = 0;
    for (int s = 0; s < above.layers().get(l).size(); s++) {
      Matrix a = above.layers().get(l).get(s);
      Matrix b = below.layers().get(l).get(s);
      for (int i = 0; i < a.cols(); i++) {
        double slope = (a.get(0, i) - b.get(0, i)) / step;
        sum += slope * slope;
      }
    }
    return sum;
  }

  @Test
  void singularValues_ofIrnn_areOnes() {
    NetworkSpec spec = new NetworkSpec(Cells.named("elman_relu"), new Encoder.Vectors(2), 6, 1, 2);
    Network network =
        Network.create(spec, KERNELS, 1, Initialization.parse("recurrent=identity,bias=1,input=0"));
    Inputs input = new Inputs.Vectors(Matrix.allocate(ElementType.FLOAT64, 1, 2));
    assertArrayEquals(
        new double[] {1, 1, 1, 1, 1, 1},
        RecurrentJacobian.of(network, Team.of(1), network.zeroState(1), input).all());
  }

  @Test
  void singularValues_ofTooManyStates_areRefused() {
    NetworkSpec spec = new NetworkSpec(Cells.lstm(), new Encoder.Vectors(1), 300, 1, 2);
    Network network = Network.zeros(spec, KERNELS);
    Inputs input = new Inputs.Vectors(Matrix.allocate(ElementType.FLOAT64, 1, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> RecurrentJacobian.of(network, Team.of(1), network.zeroState(1), input));
  }
}
