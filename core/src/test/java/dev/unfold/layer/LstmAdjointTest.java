package dev.unfold.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unfold.cell.Bias;
import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The adjoint of the LSTM as `docs/bptt.md` writes it down, in plain loops, against what the library
/// derives from the cell's equations.
final class LstmAdjointTest {
  private static final int I = 3;
  private static final int H = 4;
  private static final int T = 5;
  private static final long SEED = Long.getLong("unfold.seed", 20260102L);

  /// The gates, in the order of their rows.
  private static final int IN = 0;

  private static final int FORGET = 1;
  private static final int CELL = 2;
  private static final int OUT = 3;
  private static final int GATES = 4;

  private final double[][] v = new double[GATES * H][I];
  private final double[][] u = new double[GATES * H][H];
  private final double[][] x = new double[T][I];
  private final double[][] outside = new double[T][H];

  private final double[][][] gate = new double[T][GATES][H];
  private final double[][] c = new double[T + 1][H];
  private final double[][] h = new double[T + 1][H];
  private final double[][] delta = new double[T][GATES * H];

  private UnrolledLayer layer;
  private Sequence inputGradient;
  private List<Matrix> gradients;

  @BeforeEach
  void runBoth() {
    System.out.println("LstmAdjointTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
    SplittableRandom random = new SplittableRandom(SEED);
    for (double[][] numbers : List.of(v, u, x, outside)) {
      for (double[] row : numbers) {
        for (int col = 0; col < row.length; col++) {
          row[col] = random.nextDouble(-1, 1);
        }
      }
    }
    forward();
    backward();
    runLibrary();
  }

  /// Slot t + 1 of c and h is step t: slot 0 is the state of zeros before step 0.
  private void forward() {
    for (int t = 0; t < T; t++) {
      for (int row = 0; row < GATES * H; row++) {
        double net = 0;
        for (int m = 0; m < I; m++) {
          net += v[row][m] * x[t][m];
        }
        for (int s = 0; s < H; s++) {
          net += u[row][s] * h[t][s];
        }
        gate[t][row / H][row % H] = row / H == CELL ? Math.tanh(net) : 1 / (1 + Math.exp(-net));
      }
      for (int n = 0; n < H; n++) {
        c[t + 1][n] = gate[t][FORGET][n] * c[t][n] + gate[t][IN][n] * gate[t][CELL][n];
        h[t + 1][n] = gate[t][OUT][n] * Math.tanh(c[t + 1][n]);
      }
    }
  }

  private void backward() {
    double[] fromLaterH = new double[H];
    double[] fromLaterC = new double[H];
    for (int t = T - 1; t >= 0; t--) {
      for (int n = 0; n < H; n++) {
        double i = gate[t][IN][n];
        double f = gate[t][FORGET][n];
        double g = gate[t][CELL][n];
        double o = gate[t][OUT][n];
        double tanhC = Math.tanh(c[t + 1][n]);
        double dh = outside[t][n] + fromLaterH[n];
        double dc = dh * o * (1 - tanhC * tanhC) + fromLaterC[n];
        delta[t][IN * H + n] = dc * g * i * (1 - i);
        delta[t][FORGET * H + n] = dc * c[t][n] * f * (1 - f);
        delta[t][CELL * H + n] = dc * i * (1 - g * g);
        delta[t][OUT * H + n] = dh * tanhC * o * (1 - o);
        fromLaterC[n] = dc * f;
      }
      for (int s = 0; s < H; s++) {
        fromLaterH[s] = 0;
        for (int row = 0; row < GATES * H; row++) {
          fromLaterH[s] += delta[t][row] * u[row][s];
        }
      }
    }
  }

  private void runLibrary() {
    Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
    gradients = new ArrayList<>();
    Layer lstm =
        Layer.of(
            Cells.lstm().withBias(Bias.NONE),
            I,
            H,
            kernels,
            shape -> {
              double[][] values = shape.name().equals("weight_ih") ? v : u;
              gradients.add(Matrix.allocate(ElementType.FLOAT64, values.length, values[0].length));
              return matrix(values);
            });
    assertEquals(List.of("weight_ih", "weight_hh"), names(lstm));
    lstm.refresh(0, Team.of(1));
    Sequence input = new Sequence(matrix(x).buffer(), 0, I);
    inputGradient = Sequence.allocate(kernels, T, I);
    layer = new UnrolledLayer(lstm, Team.of(1), input, inputGradient, T, 1);
    layer.forward();
    Matrix given = layer.outputGradient().rows(T);
    for (int t = 0; t < T; t++) {
      for (int n = 0; n < H; n++) {
        Numbers.set(given, t, n, outside[t][n]);
      }
    }
    layer.backward(gradients);
  }

  private static List<String> names(Layer layer) {
    return layer.shapes().stream().map(shape -> shape.name()).toList();
  }

  private static Matrix matrix(double[][] values) {
    Matrix matrix = Matrix.allocate(ElementType.FLOAT64, values.length, values[0].length);
    for (int r = 0; r < values.length; r++) {
      for (int col = 0; col < values[0].length; col++) {
        matrix.set(r, col, values[r][col]);
      }
    }
    return matrix;
  }

  @Test
  void errorSignals_ofAllGates_areTheWrittenAdjoint() {
    assertClose(delta, layer.errorSignals(0).rows(T));
    assertClose(delta, layer.errorSignals(1).rows(T));
  }

  @Test
  void weightGradients_ofAllGates_areTheSumOverTheSteps() {
    double[][] gradV = new double[GATES * H][I];
    double[][] gradU = new double[GATES * H][H];
    for (int t = 0; t < T; t++) {
      for (int row = 0; row < GATES * H; row++) {
        for (int m = 0; m < I; m++) {
          gradV[row][m] += delta[t][row] * x[t][m];
        }
        for (int s = 0; s < H; s++) {
          gradU[row][s] += delta[t][row] * h[t][s];
        }
      }
    }
    assertClose(gradV, gradients.get(0));
    assertClose(gradU, gradients.get(1));
  }

  @Test
  void inputGradient_ofEachStep_isTheErrorSignalsTimesTheInputWeights() {
    double[][] expected = new double[T][I];
    for (int t = 0; t < T; t++) {
      for (int m = 0; m < I; m++) {
        for (int row = 0; row < GATES * H; row++) {
          expected[t][m] += delta[t][row] * v[row][m];
        }
      }
    }
    assertClose(expected, inputGradient.rows(T));
  }

  /// A number goes through T steps, each a sum of up to 4 H products: sqrt(4 T H) roundings; c = 32 because
  /// weights up to 1 let a rounding grow on its way.
  private static void assertClose(double[][] expected, Matrix got) {
    double tolerance = 32 * Math.ulp(1.0) * Math.sqrt(GATES * T * H);
    for (int r = 0; r < expected.length; r++) {
      for (int col = 0; col < expected[r].length; col++) {
        double scale = Math.max(1, Math.abs(expected[r][col]));
        String place = "row " + r + ", column " + col + ", seed " + SEED;
        assertEquals(expected[r][col], Numbers.get(got, r, col), tolerance * scale, place);
      }
    }
  }
}
