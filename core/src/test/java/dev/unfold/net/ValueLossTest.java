package dev.unfold.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.Team;
import dev.unfold.proof.Identity;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The losses of values through a network whose output is its input.
final class ValueLossTest {
  private static final long SEED = 20261130L;
  private static final int T = 4;
  private static final int B = 3;

  static Stream<ValueLoss> losses() {
    return Stream.of(
        new ValueLoss.SquaredError(),
        new ValueLoss.AbsoluteError(),
        new ValueLoss.Huber(0.7),
        new ValueLoss.Quantile(0.9),
        new ValueLoss.SigmoidCrossEntropy(),
        new ValueLoss.Gaussian(),
        new ValueLoss.StudentT(3.5),
        new ValueLoss.NegativeBinomial(1.7));
  }

  private static double[] loss(UnrolledNetwork unrolled, Matrix outputs, Targets targets) {
    unrolled.input().buffer().copy(outputs.buffer(), 0, 0, outputs.buffer().length());
    unrolled.forward();
    double sum = unrolled.loss(targets, Reduction.SUM);
    double[] all = java.util.Arrays.copyOf(unrolled.losses(), T * B + 1);
    all[T * B] = sum;
    return all;
  }

  @ParameterizedTest
  @MethodSource("losses")
  void derivatives_ofEachLoss_areCentralDifferences(ValueLoss loss) {
    Kernels kernels = Backends.named("scalar", Precision.DOUBLE);
    int numbers = 5;
    int width = numbers * loss.sorts();
    Network network = Identity.network(kernels, width);
    UnrolledNetwork unrolled = network.unroll(Team.of(2), T, B);
    Random random = new Random(SEED);
    Matrix outputs = Matrix.allocate(Precision.DOUBLE, T * B, width);
    Matrix values = Matrix.allocate(Precision.DOUBLE, T * B, numbers);
    boolean counts = loss instanceof ValueLoss.NegativeBinomial;
    boolean shares = loss instanceof ValueLoss.SigmoidCrossEntropy;
    for (int row = 0; row < T * B; row++) {
      for (int k = 0; k < width; k++) {
        outputs.set(row, k, random.nextDouble(-2, 2));
      }
      for (int n = 0; n < numbers; n++) {
        double z = counts ? random.nextInt(6) : random.nextDouble(shares ? 0 : -2, shares ? 1 : 2);
        values.set(row, n, row == 7 ? Double.NaN : z);
      }
    }
    Targets targets = new Targets.Values(values, loss);
    loss(unrolled, outputs, targets);
    unrolled.backward(network.parameters().zeros());
    Matrix slopes = Matrix.allocate(Precision.DOUBLE, T * B, width);
    slopes.buffer().copy(unrolled.inputGradient().buffer(), 0, 0, (long) T * B * width);
    double step = 1e-5;
    for (int row = 0; row < T * B; row++) {
      for (int k = 0; k < width; k++) {
        double y = outputs.get(row, k);
        outputs.set(row, k, y + step);
        double above = loss(unrolled, outputs, targets)[T * B];
        outputs.set(row, k, y - step);
        double below = loss(unrolled, outputs, targets)[T * B];
        outputs.set(row, k, y);
        assertEquals((above - below) / (2 * step), slopes.get(row, k), 1e-8, loss + " " + row);
      }
    }
    assertEquals(0, loss(unrolled, outputs, targets)[7], "a row without a target");
  }

  /// The sum over all counts, or the integral over all numbers, of exp(-loss).
  @ParameterizedTest
  @MethodSource("losses")
  void likelihoods_overAllValues_addUpToOne(ValueLoss loss) {
    if (!loss.isLikelihood()) {
      return;
    }
    Kernels kernels = Backends.named("scalar", Precision.DOUBLE);
    UnrolledNetwork unrolled = Identity.network(kernels, loss.sorts()).unroll(Team.of(1), T, B);
    Matrix outputs = Matrix.allocate(Precision.DOUBLE, T * B, loss.sorts());
    for (int row = 0; row < T * B; row++) {
      outputs.set(row, 0, 0.3);
      outputs.set(row, loss.sorts() - 1, loss.sorts() == 1 ? 0.3 : -0.4);
    }
    boolean counts = loss instanceof ValueLoss.NegativeBinomial;
    boolean bits = loss instanceof ValueLoss.SigmoidCrossEntropy;
    double width = counts || bits ? 1 : 0.05;
    double first = counts || bits ? 0 : -600;
    double sum = 0;
    int batches = bits ? 1 : 2000;
    for (int i = 0; i < batches; i++) {
      Matrix values = Matrix.allocate(Precision.DOUBLE, T * B, 1);
      for (int row = 0; row < T * B; row++) {
        values.set(row, 0, bits && row > 1 ? Double.NaN : first + (i * T * B + row) * width);
      }
      double[] all = loss(unrolled, outputs, new Targets.Values(values, loss));
      for (int row = 0; row < (bits ? 2 : T * B); row++) {
        sum += Math.exp(-all[row]) * width;
      }
    }
    assertEquals(1, sum, 1e-6, loss.toString());
  }

  @Test
  void smoothedClasses_ofAnyShare_areTheirDistribution() {
    Kernels kernels = Backends.named("scalar", Precision.DOUBLE);
    Network network = Identity.network(kernels, 4);
    UnrolledNetwork unrolled = network.unroll(Team.of(1), T, B);
    Random random = new Random(SEED);
    Matrix outputs = Matrix.allocate(Precision.DOUBLE, T * B, 4);
    Matrix distribution = Matrix.allocate(Precision.DOUBLE, T * B, 4);
    int[] classes = random.ints((long) T * B, 0, 4).toArray();
    classes[2] = UnrolledNetwork.NO_TARGET;
    for (int row = 0; row < T * B; row++) {
      for (int k = 0; k < 4; k++) {
        outputs.set(row, k, random.nextDouble(-2, 2));
        double z = 0.1 / 4 + (classes[row] == k ? 0.9 : 0);
        distribution.set(row, k, row == 2 ? 0 : z);
      }
    }
    Targets.Classes right = new Targets.Classes(classes, 0);
    double[] smoothed = loss(unrolled, outputs, new Targets.SmoothedClasses(right, 0.1));
    double[] expected = loss(unrolled, outputs, new Targets.Distributions(distribution));
    double[] hard = loss(unrolled, outputs, right);
    double[] none = loss(unrolled, outputs, new Targets.SmoothedClasses(right, 0));
    for (int row = 0; row <= T * B; row++) {
      assertEquals(expected[row], smoothed[row], 1e-13);
      assertEquals(hard[row], none[row], 1e-13);
    }
    assertTrue(smoothed[T * B] > hard[T * B] * 0.5);
  }

  @Test
  void gamma_ofManyNumbers_isItsLogarithm() {
    double factorial = 1;
    for (int n = 1; n < 20; n++) {
      assertEquals(Math.log(factorial), Gamma.log(n), 1e-13 * n);
      factorial *= n;
    }
    assertEquals(0.5 * Math.log(Math.PI), Gamma.log(0.5), 1e-14);
    assertEquals(Math.log(1e6), Gamma.log(1e-6), 1e-6);
  }

  @Test
  void losses_ofWrongNumbers_areRefused() {
    for (double bad : new double[] {0, -1, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> new ValueLoss.Huber(bad));
      assertThrows(IllegalArgumentException.class, () -> new ValueLoss.Quantile(bad));
      assertThrows(IllegalArgumentException.class, () -> new ValueLoss.StudentT(bad));
      assertThrows(IllegalArgumentException.class, () -> new ValueLoss.NegativeBinomial(bad));
    }
    Kernels kernels = Backends.named("scalar", Precision.DOUBLE);
    UnrolledNetwork odd = Identity.network(kernels, 3).unroll(Team.of(1), 1, 1);
    odd.forward();
    Targets targets =
        new Targets.Values(Matrix.allocate(Precision.DOUBLE, 1, 3), new ValueLoss.Gaussian());
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> odd.loss(targets, Reduction.SUM));
    assertTrue(
        error.getMessage().startsWith("loss: expected K to be a multiple of 2"),
        error.getMessage());
    assertEquals(
        List.of(1, 2), List.of(new ValueLoss.Huber(1).sorts(), new ValueLoss.Gaussian().sorts()));
  }
}
