package dev.unfold.cell.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.Layer;
import dev.unfold.layer.Sequence;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Cells of several heads against the formulas of their sources, one head and one number after the other.
final class MatrixCellsTest {
  private static final int T = 30;
  private static final int I = 2;
  private static final int H = 6;
  private static final int N = 2;
  private static final int M = H / N;

  /// Some hundred roundings of numbers near 1, which the quotients of mLSTM enlarge.
  private static final double CLOSE = 1e-11;

  /// One step of the source for one head.
  private interface Formula {
    /// @param net of the head's units, gate after gate
    /// @param gates the head's numbers
    /// @param s what the head keeps
    /// @return the output of the head's units
    double[] step(double[][] net, double[] gates, double[] s);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /// @param vectors how many maps of H units come before those of N
  /// @param radius of the parameters
  /// @return the largest net input
  private static double check(Cell standard, int vectors, double radius, Formula formula) {
    Cell cell = standard.withBias(Bias.PER_AFFINE).withSize("N", N);
    Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
    Random random = new Random(11);
    double[][] parameters = new double[2][];
    Layer layer =
        Layer.of(
            cell,
            I,
            H,
            kernels,
            shape -> {
              double[] numbers =
                  random.doubles((long) shape.rows() * shape.cols(), -radius, radius).toArray();
              parameters[shape.name().equals("weight_ih") ? 0 : 1] = numbers;
              return filled(kernels.allocate(shape.rows(), shape.cols()), numbers);
            });
    Sequence input = Sequence.allocate(kernels, T, I);
    double[] x = random.doubles((long) T * I, -1, 1).toArray();
    filled(input.rows(T), x);
    Team team = Team.of(1);
    UnrolledLayer unrolled = new UnrolledLayer(layer, team, input, null, T, 1);
    layer.refresh(1, team);
    unrolled.forward();
    double[][] kept = new double[N][M * M + M + 1];
    double largest = 0;
    for (int t = 0; t < T; t++) {
      double[] nets = new double[parameters[1].length];
      for (int row = 0; row < nets.length; row++) {
        nets[row] = parameters[1][row];
        for (int i = 0; i < I; i++) {
          nets[row] += parameters[0][row * I + i] * x[t * I + i];
        }
        largest = Math.max(largest, nets[row]);
      }
      for (int head = 0; head < N; head++) {
        double[][] own = new double[vectors][M];
        for (int g = 0; g < vectors; g++) {
          System.arraycopy(nets, g * H + head * M, own[g], 0, M);
        }
        double[] gates = {nets[vectors * H + head], nets[vectors * H + N + head]};
        double[] expected = formula.step(own, gates, kept[head]);
        for (int j = 0; j < M; j++) {
          double got = Numbers.get(unrolled.output().rows(T), t, head * M + j);
          double bound = CLOSE * Math.max(1, Math.abs(expected[j]));
          assertEquals(expected[j], got, bound, cell.name() + " step " + t + " head " + head);
        }
      }
    }
    return largest;
  }

  private static Matrix filled(Matrix matrix, double... numbers) {
    for (int i = 0; i < numbers.length; i++) {
      Numbers.set(matrix, i / matrix.cols(), i % matrix.cols(), numbers[i]);
    }
    return matrix;
  }

  /// With m as a running maximum, as the source's code has it; it may fall below 0.
  private static double[] mlstm(double[][] net, double[] gates, double[] s) {
    double[] q = net[0];
    double kept = s[M * M + M] - Math.log1p(Math.exp(-gates[1]));
    double m = Math.max(kept, gates[0]);
    double f = Math.exp(kept - m);
    double i = Math.exp(gates[0] - m);
    s[M * M + M] = m;
    double weight = 0;
    double[] read = new double[M];
    for (int b = 0; b < M; b++) {
      double k = net[1][b] / Math.sqrt(M);
      for (int a = 0; a < M; a++) {
        s[a * M + b] = f * s[a * M + b] + i * net[2][a] * k;
        read[a] += s[a * M + b] * q[b];
      }
      s[M * M + b] = f * s[M * M + b] + i * k;
      weight += s[M * M + b] * q[b];
    }
    double divisor = Math.max(Math.abs(weight), Math.exp(-m));
    for (int a = 0; a < M; a++) {
      read[a] *= sigmoid(net[3][a]) / divisor;
    }
    return read;
  }

  @Test
  void mlstm_ofTwoHeads_isItsSource() {
    check(MatrixCells.mlstm(), 4, 0.9, MatrixCellsTest::mlstm);
  }

  /// Gates of e^90 and more, where neither c nor n would stay in range for long.
  @Test
  void mlstm_withInputGatesOfAnySize_isTheStabilisedFormOfItsSource() {
    double largest = check(MatrixCells.mlstm(), 4, 80, MatrixCellsTest::mlstm);
    assertTrue(largest > 90, "largest net input " + largest);
  }

  @Test
  void gatedDelta_ofTwoHeads_isItsSource() {
    check(
        MatrixCells.gatedDelta(),
        3,
        0.9,
        (net, gates, s) -> {
          double[] q = ofLengthOne(net[0]);
          double[] k = ofLengthOne(net[1]);
          double alpha = sigmoid(gates[0]);
          double beta = sigmoid(gates[1]);
          double[] read = new double[M];
          for (int a = 0; a < M; a++) {
            double known = 0;
            for (int b = 0; b < M; b++) {
              known += s[a * M + b] * k[b];
            }
            for (int b = 0; b < M; b++) {
              double before = s[a * M + b];
              s[a * M + b] = alpha * (before - beta * known * k[b]) + beta * net[2][a] * k[b];
              read[a] += s[a * M + b] * q[b];
            }
          }
          return read;
        });
  }

  private static double[] ofLengthOne(double[] x) {
    double square = 0;
    for (double each : x) {
      square += each * each;
    }
    double[] unit = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      unit[i] = x[i] / Math.sqrt(square);
    }
    return unit;
  }

  @Test
  void heads_thatDoNotDivideTheUnits_areRefused() {
    Cell cell = MatrixCells.mlstm().withSize("N", 4);
    assertEquals(
        "size N: expected a divisor of H = 6, got 4",
        assertThrows(IllegalArgumentException.class, () -> Layer.shapes(cell, I, H)).getMessage());
  }
}
