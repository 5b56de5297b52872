package dev.unfold.unroll;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Bias;
import dev.unfold.cell.library.Cells;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.proof.TestBackends;
import java.util.Arrays;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The formulas of `docs/bptt.md`, one by one: plain loops ([ElmanByFormulas]) against the library, whose
/// derivatives come from the graph of the cell's equations and share no line with them.
final class BpttFormulasTest {
  private static final int I = 3;
  private static final int H = 4;
  private static final int K = 5;
  private static final int T = 6;

  private static final long SEED = Long.getLong("unfold.seed", 20260101L);

  @BeforeAll
  static void printSeed() {
    System.out.println("BpttFormulasTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  @ParameterizedTest
  @EnumSource
  void preActivation_ofEachStep_isTheAffineMapOfInputAndState(Activation f) {
    expectSame(f, Elman.Values::netH);
  }

  @ParameterizedTest
  @EnumSource
  void hiddenState_ofEachStep_isFOfThePreActivation(Activation f) {
    expectSame(f, Elman.Values::h);
  }

  @ParameterizedTest
  @EnumSource
  void readout_ofEachStep_isTheLinearMapOfTheHiddenState(Activation f) {
    expectSame(f, Elman.Values::netY);
  }

  @ParameterizedTest
  @EnumSource
  void output_ofEachStep_isTheSoftmaxOfTheReadout(Activation f) {
    expectSame(f, Elman.Values::o);
  }

  @ParameterizedTest
  @EnumSource
  void loss_ofEachStep_isTheCrossEntropy(Activation f) {
    expectSame(f, values -> new double[][] {values.losses()});
  }

  @ParameterizedTest
  @EnumSource
  void loss_ofTheSequence_isTheSumOverTheSteps(Activation f) {
    expectSame(f, values -> new double[][] {{values.loss()}});
  }

  @ParameterizedTest
  @EnumSource
  void deltaOut_ofEachStep_isOutputMinusTarget(Activation f) {
    expectSame(f, Elman.Values::deltaOut);
  }

  @Test
  void deltaOut_ofTargetsAsClasses_isThatOfTargetsAsDistributions() {
    Elman elman = random(Activation.TANH);
    int[] classes = new int[T];
    for (int t = 0; t < T; t++) {
      while (elman.z()[t][classes[t]] != 1) {
        classes[t]++;
      }
    }
    Elman.Values values = ElmanByFormulas.values(elman);
    double[] losses = new double[T];
    double[] scales = new double[T];
    Arrays.fill(scales, 1);
    Matrix logits = Matrix.allocate(ElementType.FLOAT64, T, K);
    ElmanByLibrary.fill(logits, values.netY());
    TestBackends.scalar(Precision.DOUBLE)
        .softmaxCrossEntropy(logits, classes, 0, scales, logits, losses);
    assertClose(values.deltaOut(), ElmanByLibrary.copy(logits));
    assertClose(new double[][] {values.losses()}, new double[][] {losses});
  }

  @ParameterizedTest
  @EnumSource
  void delta_atItsErrorTime_comesFromTheReadout(Activation f) {
    expectSame(
        f,
        values -> {
          double[][] diagonal = new double[T][];
          for (int t = 0; t < T; t++) {
            diagonal[t] = values.delta()[t][t];
          }
          return diagonal;
        });
  }

  @ParameterizedTest
  @EnumSource
  void delta_beforeItsErrorTime_comesFromTheStepAfter(Activation f) {
    for (int t = 0; t < T; t++) {
      int error = t;
      expectSame(
          f,
          values -> {
            double[][] column = new double[error][];
            for (int earlier = 0; earlier < error; earlier++) {
              column[earlier] = values.delta()[earlier][error];
            }
            return column;
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void delta_afterItsErrorTime_isExactlyZero(Activation f) {
    double[][][] delta = ElmanByLibrary.values(random(f)).delta();
    for (int t = 0; t < T; t++) {
      for (int later = t + 1; later < T; later++) {
        for (int i = 0; i < H; i++) {
          assertTrue(delta[later][t][i] == 0, "delta_" + i + "(" + later + ", " + t + ")");
        }
      }
    }
  }

  @Test
  void loss_ofAnEarlierStep_isTheSameBitsWhateverComesLater() {
    Elman elman = random(Activation.TANH);
    double[] before = ElmanByLibrary.values(elman).losses();
    elman.x()[T - 1][0] += 1;
    double[] after = ElmanByLibrary.values(elman).losses();
    for (int t = 0; t < T - 1; t++) {
      assertEquals(before[t], after[t], "E_" + t);
    }
    assertTrue(before[T - 1] != after[T - 1], "E_t depends on x(t)");
  }

  @ParameterizedTest
  @EnumSource
  void gradientOfW_ofOneError_isDeltaOutTimesHiddenState(Activation f) {
    expectSameForEachError(f, Elman.Gradients::w);
  }

  @ParameterizedTest
  @EnumSource
  void gradientOfV_ofOneError_isTheSumOverAllStepsUpToIt(Activation f) {
    expectSameForEachError(f, Elman.Gradients::v);
  }

  @ParameterizedTest
  @EnumSource
  void gradientOfU_ofOneError_isTheSumOverAllStepsUpToIt(Activation f) {
    expectSameForEachError(f, Elman.Gradients::u);
  }

  @ParameterizedTest
  @EnumSource
  void gradient_ofTheSequence_isTheSumOverTheErrors(Activation f) {
    expectSame(f, values -> values.ofAll().v());
    expectSame(f, values -> values.ofAll().u());
    expectSame(f, values -> values.ofAll().w());
  }

  @ParameterizedTest
  @EnumSource
  void delta_asTrainingHasIt_isTheSumOverTheErrorTimes(Activation f) {
    expectSame(f, Elman.Values::sums);
  }

  @ParameterizedTest
  @EnumSource
  void gradient_ofWindows_leavesOutWhatLiesBeforeEachWindow(Activation f) {
    for (int window = 1; window <= T; window++) {
      Elman.Gradients expected = ElmanByFormulas.truncated(random(f), window);
      Elman.Gradients got = ElmanByLibrary.truncated(random(f), window);
      assertClose(expected.v(), got.v());
      assertClose(expected.u(), got.u());
      assertClose(expected.w(), got.w());
    }
  }

  @Test
  void gradientOfBiases_ofEachOperand_isTheSumOfTheDeltas() {
    Elman elman = random(Activation.TANH);
    NetworkSpec spec =
        new NetworkSpec(
            Cells.elman(Activation.TANH).withBias(Bias.PER_OPERAND),
            new Encoder.Vectors(I),
            H,
            1,
            K);
    Network network = Network.zeros(spec, TestBackends.scalar(Precision.DOUBLE));
    ElmanByLibrary.fill(network.parameters().matrix("weight_ih_l0"), elman.v());
    ElmanByLibrary.fill(network.parameters().matrix("weight_hh_l0"), elman.u());
    ElmanByLibrary.fill(network.parameters().matrix("head.weight"), elman.w());
    network.parameters().changed();
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), T, 1);
    ElmanByLibrary.fill(unrolled.input(), elman.x());
    unrolled.forward();
    Matrix targets = Matrix.allocate(ElementType.FLOAT64, T, K);
    ElmanByLibrary.fill(targets, elman.z());
    unrolled.loss(targets, Reduction.SUM);
    Parameters gradients = network.parameters().zeros();
    unrolled.backward(gradients);

    Elman.Values expected = ElmanByFormulas.values(elman);
    double[][] hidden = {columnSums(expected.sums())};
    double[][] output = {columnSums(expected.deltaOut())};
    assertClose(hidden, ElmanByLibrary.copy(gradients.matrix("bias_ih_l0")));
    assertClose(hidden, ElmanByLibrary.copy(gradients.matrix("bias_hh_l0")));
    assertClose(output, ElmanByLibrary.copy(gradients.matrix("head.bias")));
  }

  private static double[] columnSums(double[][] rows) {
    double[] sums = new double[rows[0].length];
    for (double[] row : rows) {
      for (int c = 0; c < sums.length; c++) {
        sums[c] += row[c];
      }
    }
    return sums;
  }

  private static Elman random(Activation f) {
    return Elman.random(f, I, H, K, T, SEED);
  }

  private static void expectSame(Activation f, Function<Elman.Values, double[][]> part) {
    Elman elman = random(f);
    assertClose(
        part.apply(ElmanByFormulas.values(elman)), part.apply(ElmanByLibrary.values(elman)));
  }

  private static void expectSameForEachError(
      Activation f, Function<Elman.Gradients, double[][]> part) {
    for (int t = 0; t < T; t++) {
      int error = t;
      expectSame(f, values -> part.apply(values.ofOne()[error]));
    }
  }

  /// Each number goes through at most T steps, each a sum of H or fewer products: so sqrt(T H) roundings,
  /// c = 32 because weights up to 1 and a slope of 1 let a rounding grow on its way through the steps.
  private static void assertClose(double[][] expected, double[][] got) {
    assertEquals(expected.length, got.length);
    for (int r = 0; r < expected.length; r++) {
      double largest = 1;
      for (double value : expected[r]) {
        largest = Math.max(largest, Math.abs(value));
      }
      double tolerance = 32 * Math.ulp(1.0) * Math.sqrt(T * H) * largest;
      assertArrayEquals(expected[r], got[r], tolerance, "row " + r + ", seed " + SEED);
    }
  }
}
