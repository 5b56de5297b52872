package dev.unfold.cell.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Cells of one unit with one input against the formulas of their sources, in plain arithmetic.
final class CellFormulasTest {
  private static final int T = 12;
  private static final int MOST_STATES = 4;
  private static final double CLOSE = 1e-13;

  /// A step of a source's formulas: changes the states and gives the output.
  private interface Formula {
    double step(Map<String, double[]> p, double x, double[] s);
  }

  /// How the parameters are drawn.
  private record Draw(double radius, double input) {}

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double silu(double x) {
    return x * sigmoid(x);
  }

  /// Row `row` of an affine map of x and h.
  private static double net(Map<String, double[]> p, int row, double x, double h) {
    return p.get("weight_ih")[row] * x + p.get("weight_hh")[row] * h + p.get("bias")[row];
  }

  private static double net(Map<String, double[]> p, int row, double x) {
    return p.get("weight_ih")[row] * x + p.get("bias")[row];
  }

  private static void check(Cell standard, Formula formula) {
    check(standard, new Draw(0.9, 1), formula);
  }

  private static void check(Cell standard, Draw draw, Formula formula) {
    Cell cell = standard.withBias(Bias.PER_AFFINE);
    for (String letter : cell.sizeLetters()) {
      cell = cell.withSize(letter, 1);
    }
    Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
    Random random = new Random(7);
    Map<String, double[]> p = new HashMap<>();
    Layer layer =
        Layer.of(
            cell,
            1,
            1,
            kernels,
            shape -> {
              Matrix matrix = kernels.allocate(shape.rows(), shape.cols());
              double[] numbers = new double[shape.rows() * shape.cols()];
              for (int i = 0; i < numbers.length; i++) {
                numbers[i] = random.nextDouble(-draw.radius(), draw.radius());
                Numbers.set(matrix, i / shape.cols(), i % shape.cols(), numbers[i]);
              }
              p.put(shape.name(), numbers);
              return matrix;
            });
    Sequence input = Sequence.allocate(kernels, T, 1);
    double[] x = new double[T];
    for (int t = 0; t < T; t++) {
      x[t] = random.nextDouble(-draw.input(), draw.input());
      Numbers.set(input.rows(T), t, 0, x[t]);
    }
    Team team = Team.of(1);
    UnrolledLayer unrolled = new UnrolledLayer(layer, team, input, null, T, 1);
    layer.refresh(1, team);
    unrolled.forward();
    double[] states = new double[MOST_STATES];
    List<Double> outputs = new ArrayList<>();
    for (int t = 0; t < T; t++) {
      outputs.add(formula.step(p, x[t], states));
    }
    double largest = outputs.stream().mapToDouble(Math::abs).max().orElseThrow();
    assertTrue(largest > 1e-3, () -> standard.name() + ": all but zero");
    for (int t = 0; t < T; t++) {
      double got = Numbers.get(unrolled.output().rows(T), t, 0);
      assertEquals(outputs.get(t), got, CLOSE * Math.max(1, largest), standard.name() + " " + t);
    }
  }

  /// The stabilised form of the source, with c, n and the running maximum m.
  ///
  /// @param begun whether n is exp(-40) before the first step, as in the library, and not 0
  /// @param largest gets the largest net input of an input gate
  private static Formula slstm(boolean begun, double[] largest) {
    return (p, x, s) -> {
      double i = net(p, 0, x, s[0]);
      if (begun && s[2] == 0) {
        s[2] = 1;
        s[3] = -40;
      }
      double kept = -Math.log1p(Math.exp(-net(p, 1, x, s[0]))) + s[3];
      double m = s[2] == 0 ? i : Math.max(kept, i);
      double f = Math.exp(kept - m);
      double z = Math.tanh(net(p, 2, x, s[0]));
      s[1] = f * s[1] + Math.exp(i - m) * z;
      s[2] = f * s[2] + Math.exp(i - m);
      s[3] = m;
      largest[0] = Math.max(largest[0], i);
      s[0] = sigmoid(net(p, 3, x, s[0])) * s[1] / s[2];
      return s[0];
    };
  }

  @Test
  void slstm_isItsSource() {
    check(LstmVariants.slstm(), slstm(false, new double[1]));
  }

  /// Gates of e^90 and more, where neither c nor n would stay in range for long.
  @Test
  void slstm_withInputGatesOfAnySize_isTheStabilisedFormOfItsSource() {
    double[] largest = new double[1];
    check(LstmVariants.slstm(), new Draw(3, 120), slstm(true, largest));
    assertTrue(largest[0] > 90, "largest logarithm of a gate " + largest[0]);
  }

  @Test
  void janet_isItsSource() {
    check(
        LightCells.janet(),
        (p, x, s) -> {
          double net = net(p, 0, x, s[0]);
          double g = Math.tanh(net(p, 1, x, s[0]));
          s[0] = sigmoid(net) * s[0] + (1 - sigmoid(net - 1)) * g;
          return s[0];
        });
  }

  @Test
  void liGru_isItsSource() {
    check(
        LightCells.liGru(),
        (p, x, s) -> {
          double z = sigmoid(net(p, 0, x, s[0]));
          double g = Math.max(0, net(p, 1, x, s[0]));
          s[0] = z * s[0] + (1 - z) * g;
          return s[0];
        });
  }

  @Test
  void fastGrnn_isItsSource() {
    check(
        LightCells.fastGrnn(),
        (p, x, s) -> {
          double net = p.get("weight_ih")[0] * x + p.get("weight_hh")[0] * s[0];
          double z = sigmoid(net + p.get("bias_z")[0]);
          double g = Math.tanh(net + p.get("bias_g")[0]);
          double share = sigmoid(p.get("zeta")[0]) * (1 - z) + sigmoid(p.get("nu")[0]);
          s[0] = share * g + z * s[0];
          return s[0];
        });
  }

  @Test
  void qrnn_isItsSource() {
    check(
        LightCells.qrnn(),
        (p, x, s) -> {
          double[] nets = new double[3];
          for (int row = 0; row < 3; row++) {
            nets[row] = net(p, row, x) + p.get("weight_before")[row] * s[1];
          }
          double f = sigmoid(nets[1]);
          s[0] = f * s[0] + (1 - f) * Math.tanh(nets[0]);
          s[1] = x;
          return sigmoid(nets[2]) * s[0];
        });
  }

  @Test
  void rgLru_isItsSource() {
    check(
        DiagonalCells.rgLru(),
        (p, x, s) -> {
          double decay = Math.log1p(Math.exp(p.get("lambda")[0]));
          double a = Math.exp(-8 * decay * sigmoid(net(p, 0, x)));
          s[0] = a * s[0] + Math.sqrt(1 - a * a) * sigmoid(net(p, 1, x)) * net(p, 2, x);
          return s[0];
        });
  }

  @Test
  void lru_isItsSource() {
    check(
        DiagonalCells.lru(),
        (p, x, s) -> {
          double a = Math.exp(-Math.exp(p.get("nu")[0]));
          double angle = Math.atan2(p.get("phase_im")[0], p.get("phase_re")[0]);
          double gain = Math.exp(p.get("gamma")[0]) * Math.sqrt(1 - a * a);
          double re = a * (Math.cos(angle) * s[0] - Math.sin(angle) * s[1]);
          double im = a * (Math.sin(angle) * s[0] + Math.cos(angle) * s[1]);
          s[0] = re + gain * p.get("weight_ih")[0] * x;
          s[1] = im + gain * p.get("weight_ih")[1] * x;
          return p.get("weight_after_re")[0] * s[0]
              + p.get("weight_after_im")[0] * s[1]
              + p.get("weight_ih")[2] * x
              + p.get("bias")[0];
        });
  }

  @Test
  void hgrn_isItsSource() {
    check(
        DiagonalCells.hgrn(),
        (p, x, s) -> {
          double bound = sigmoid(p.get("beta")[0]);
          double f = bound + (1 - bound) * sigmoid(net(p, 0, x));
          double angle = Math.atan2(p.get("phase_im")[0], p.get("phase_re")[0]);
          double re = f * (Math.cos(angle) * s[0] - Math.sin(angle) * s[1]);
          double im = f * (Math.sin(angle) * s[0] + Math.cos(angle) * s[1]);
          s[0] = re + (1 - f) * silu(net(p, 1, x));
          s[1] = im + (1 - f) * silu(net(p, 2, x));
          return p.get("weight_gated_re")[0] * silu(net(p, 3, x)) * s[0]
              + p.get("weight_gated_im")[0] * silu(net(p, 4, x)) * s[1];
        });
  }

  @Test
  void coRnn_isItsSource() {
    check(
        ContinuousCells.coRnn(),
        (p, x, s) -> {
          double dt = Math.exp(p.get("log_dt")[0]);
          double drive = Math.tanh(net(p, 0, x, s[0]) + p.get("weight_z")[0] * s[1]);
          double damping = Math.exp(p.get("log_epsilon")[0]) * s[1];
          s[1] += dt * (drive - Math.exp(p.get("log_gamma")[0]) * s[0] - damping);
          s[0] += dt * s[1];
          return s[0];
        });
  }

  @Test
  void unicornn_isItsSource() {
    check(
        ContinuousCells.unicornn(),
        (p, x, s) -> {
          double dt = 0.19 * sigmoid(p.get("c")[0]);
          double drive = Math.tanh(p.get("weight_hh")[0] * s[0] + net(p, 0, x));
          s[1] -= dt * (drive + Math.exp(p.get("log_alpha")[0]) * s[0]);
          s[0] += dt * s[1];
          return s[0];
        });
  }

  @Test
  void cfc_isItsSourceForStepsOfOne() {
    check(
        ContinuousCells.cfc(),
        (p, x, s) -> {
          double[] bias = p.get("bias");
          double[] weight = p.get("weight_u");
          double u = 1.7159 * Math.tanh(0.666 * net(p, 0, x, s[0]));
          double first = Math.tanh(weight[0] * u + bias[1]);
          double second = Math.tanh(weight[1] * u + bias[2]);
          double k = sigmoid(weight[2] * u + bias[3]);
          s[0] = first * (1 - k) + k * second;
          return s[0];
        });
  }
}
