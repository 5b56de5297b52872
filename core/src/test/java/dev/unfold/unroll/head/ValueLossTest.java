package dev.unfold.unroll.head;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.head.Gamma;
import dev.unfold.head.Head;
import dev.unfold.head.LearnedNegativeBinomial;
import dev.unfold.head.LearnedStudentT;
import dev.unfold.head.Quantiles;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.proof.Bits;
import dev.unfold.proof.Identity;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
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
        new ValueLoss.NegativeBinomial(1.7),
        new Quantiles(List.of(0.5)),
        new Quantiles(List.of(0.2, 0.7)),
        new Quantiles(List.of(0.025, 0.1, 0.5, 0.9, 0.975)),
        new LearnedStudentT(),
        new LearnedNegativeBinomial());
  }

  private static double[] loss(UnrolledNetwork unrolled, Matrix outputs, Targets targets) {
    unrolled.input().buffer().copy(outputs.buffer(), 0, 0, outputs.buffer().length());
    unrolled.forward();
    double sum = unrolled.loss(targets, Reduction.SUM);
    double[] all = Arrays.copyOf(unrolled.losses(), T * B + 1);
    all[T * B] = sum;
    return all;
  }

  @ParameterizedTest
  @MethodSource("losses")
  void derivatives_ofEachLoss_areCentralDifferences(ValueLoss loss) {
    Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
    int numbers = 5;
    int width = numbers * loss.outputsPerNumber();
    Network network = Identity.network(kernels, new Head.Values(numbers, loss));
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(2), T, B);
    Random random = new Random(SEED);
    Matrix outputs = Matrix.allocate(ElementType.FLOAT64, T * B, width);
    Matrix values = Matrix.allocate(ElementType.FLOAT64, T * B, numbers);
    boolean counts = loss.isOfCounts();
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
    Targets targets = new Targets.Values(values);
    loss(unrolled, outputs, targets);
    unrolled.backward(network.parameters().zeros());
    Matrix slopes = Matrix.allocate(ElementType.FLOAT64, T * B, width);
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
    Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
    UnrolledNetwork unrolled =
        UnrolledNetwork.of(Identity.network(kernels, new Head.Values(1, loss)), Team.of(1), T, B);
    Matrix outputs = Matrix.allocate(ElementType.FLOAT64, T * B, loss.outputsPerNumber());
    for (int row = 0; row < T * B; row++) {
      outputs.set(row, 0, 0.3);
      for (int part = 1; part < loss.outputsPerNumber(); part++) {
        outputs.set(row, part, -0.4);
      }
    }
    boolean counts = loss.isOfCounts();
    boolean bits = loss instanceof ValueLoss.SigmoidCrossEntropy;
    double width = counts || bits ? 1 : 0.05;
    double first = counts || bits ? 0 : -600;
    double sum = 0;
    int batches = bits ? 1 : 2000;
    for (int i = 0; i < batches; i++) {
      Matrix values = Matrix.allocate(ElementType.FLOAT64, T * B, 1);
      for (int row = 0; row < T * B; row++) {
        values.set(row, 0, bits && row > 1 ? Double.NaN : first + (i * T * B + row) * width);
      }
      double[] all = loss(unrolled, outputs, new Targets.Values(values));
      for (int row = 0; row < (bits ? 2 : T * B); row++) {
        sum += Math.exp(-all[row]) * width;
      }
    }
    assertEquals(1, sum, 1e-6, loss.toString());
  }

  @Test
  void smoothedClasses_ofAnyShare_areTheirDistribution() {
    Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
    Network network = Identity.network(kernels, new Head.Classes(4));
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), T, B);
    Random random = new Random(SEED);
    Matrix outputs = Matrix.allocate(ElementType.FLOAT64, T * B, 4);
    Matrix distribution = Matrix.allocate(ElementType.FLOAT64, T * B, 4);
    int[] classes = random.ints((long) T * B, 0, 4).toArray();
    classes[2] = Targets.NO_TARGET;
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

  /// The logarithms of the gamma function itself would cancel. The first term of the series that is left out is
  /// 1.9e-14.
  @Test
  void gamma_ofRatios_keepsTheirDigits() {
    double product = 0;
    for (int i = 0; i < 3; i++) {
      product += Math.log(1e7 + i);
    }
    assertEquals(product, Gamma.logOfRatio(1e7, 3), 1e-13);
    assertEquals(0, Gamma.logOfRatio(1e9, 0));
    assertEquals(Math.log(2), Gamma.logOfRatio(2, 1), 2e-14);
    assertEquals(0.5 * Math.log(Math.PI), -Gamma.logOfRatio(0.5, 0.5), 2e-14);
    assertEquals(-Math.log(1e7), Gamma.logOfRatio(1e7 + 1, -1), 1e-13);
  }

  private static Matrix drawn(Random random, Precision precision, int cols, double least) {
    Matrix matrix = Matrix.allocate(precision.type(), T * B, cols);
    for (int i = 0; i < T * B * cols; i++) {
      matrix.set(i / cols, i % cols, random.nextInt(1, 5) + least);
    }
    return matrix;
  }

  static Stream<Arguments> lossesOnBackends() {
    List<Kernels> backends =
        List.of(
            TestBackends.scalar(Precision.DOUBLE),
            TestBackends.scalar(Precision.FLOAT),
            TestBackends.best(Precision.FLOAT));
    return backends.stream().flatMap(k -> losses().map(loss -> Arguments.of(loss, k)));
  }

  /// Row 0 lacks its first number, row 4 its last two, row 7 all, and row 10 is not there.
  @ParameterizedTest
  @MethodSource("lossesOnBackends")
  void numbers_thatAreMissing_countNothingInTheirChannelAlone(ValueLoss loss, Kernels kernels) {
    int numbers = 3;
    int width = numbers * loss.outputsPerNumber();
    Random random = new Random(SEED);
    boolean isShare = loss instanceof ValueLoss.SigmoidCrossEntropy;
    Matrix outputs = drawn(random, kernels.precision(), width, -2.5);
    Matrix values = drawn(random, kernels.precision(), numbers, 0);
    for (int i = 0; i < T * B * numbers && isShare; i++) {
      values.set(i / numbers, i % numbers, random.nextInt(5) / 4.0);
    }
    boolean[] present = new boolean[T * B];
    Arrays.fill(present, true);
    present[10] = false;
    UnrolledNetwork unrolled =
        UnrolledNetwork.of(
            Identity.network(kernels, new Head.Values(numbers, loss)), Team.of(2), T, B);
    unrolled.present(present);
    loss(unrolled, outputs, new Targets.Values(values));
    double[] whole = Bits.toArray(unrolled.logits());
    // Each number's loss is that of a network that has no other.
    double[] alone = alone(loss, kernels, outputs, values);
    boolean[] missing = new boolean[T * B * numbers];
    for (int place : new int[] {0, 13, 14, 21, 22, 23}) {
      missing[place] = true;
      values.set(place / numbers, place % numbers, Double.NaN);
    }
    double[] all = loss(unrolled, outputs, new Targets.Values(values));
    double[] slopes = Bits.toArray(unrolled.logits());
    double sum = 0;
    int there = 0;
    for (int row = 0; row < T * B; row++) {
      double own = 0;
      for (int n = 0; n < numbers && row != 10; n++) {
        int place = row * numbers + n;
        own += missing[place] ? 0 : alone[place];
        there += missing[place] ? 0 : 1;
        for (int k = n; k < width; k += numbers) {
          int at = row * width + k;
          assertEquals(missing[place] ? 0 : whole[at], slopes[at] + 0.0, "slope " + at);
        }
      }
      own /= loss.isLikelihood() ? 1 : numbers;
      assertEquals(own, all[row], 1e-5, "row " + row);
      sum += own;
    }
    assertEquals(sum, all[T * B], 1e-4);
    // Errors are averaged over the numbers that are there, likelihoods over the steps.
    double count = loss.isLikelihood() ? T * B - 2 : there / (double) numbers;
    Targets targets = new Targets.Values(values);
    unrolled.forward();
    assertEquals(sum / count, unrolled.loss(targets, Reduction.MEAN), 1e-5);
    Batch batch =
        new Batch(T, B, new Inputs.Vectors(outputs), targets, java.util.Optional.of(present));
    assertEquals(count, batch.amount(new Head.Values(numbers, loss)), 1e-12);
    assertEquals(T * B - 2, batch.losses());
  }

  private static double[] alone(ValueLoss loss, Kernels kernels, Matrix outputs, Matrix values) {
    int numbers = values.cols();
    int perNumber = loss.outputsPerNumber();
    UnrolledNetwork single =
        UnrolledNetwork.of(
            Identity.network(kernels, new Head.Values(1, loss)), Team.of(1), T * B * numbers, 1);
    Matrix targets = Matrix.allocate(kernels.type(), T * B * numbers, 1);
    for (int place = 0; place < T * B * numbers; place++) {
      targets.set(place, 0, values.get(place / numbers, place % numbers));
      for (int part = 0; part < perNumber; part++) {
        int col = part * numbers + place % numbers;
        single.input().set(place, part, outputs.get(place / numbers, col));
      }
    }
    single.forward();
    single.loss(new Targets.Values(targets), Reduction.SUM);
    return single.losses().clone();
  }

  /// A channel that is never there is as one that is not in the network.
  @ParameterizedTest
  @MethodSource("losses")
  void channel_thatIsMissing_leavesTheAverageOfTheOthers(ValueLoss loss) {
    Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
    Random random = new Random(SEED);
    Matrix outputs = drawn(random, Precision.DOUBLE, 2 * loss.outputsPerNumber(), -2.5);
    Matrix values = drawn(random, Precision.DOUBLE, 2, 0);
    double[] alone = alone(loss, kernels, outputs, values);
    double expected = 0;
    for (int row = 0; row < T * B; row++) {
      values.set(row, 1, Double.NaN);
      expected += alone[2 * row] / (T * B);
    }
    for (Reduction mean : List.of(Reduction.MEAN, Reduction.MEAN_OF_SEQUENCES)) {
      UnrolledNetwork two =
          UnrolledNetwork.of(Identity.network(kernels, new Head.Values(2, loss)), Team.of(1), T, B);
      Batch batch = Batch.of(T, B, new Inputs.Vectors(outputs), new Targets.Values(values));
      assertEquals(expected, two.loss(batch, mean), 1e-13 * Math.abs(expected));
    }
  }

  @ParameterizedTest
  @MethodSource("lossesOnBackends")
  void targets_thatAreInfinite_areRefusedWithTheirPlace(ValueLoss loss, Kernels kernels) {
    Matrix values = Matrix.allocate(kernels.type(), T * B, 2);
    values.set(1, 0, Double.NaN);
    values.set(7, 1, Double.NEGATIVE_INFINITY);
    UnrolledNetwork unrolled =
        UnrolledNetwork.of(Identity.network(kernels, new Head.Values(2, loss)), Team.of(2), T, B);
    unrolled.forward();
    Targets targets = new Targets.Values(values);
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> unrolled.loss(targets, Reduction.MEAN));
    assertTrue(
        error.getMessage().startsWith("targets: expected finite ")
            && error.getMessage().endsWith("got -Infinity in sequence 1, step 2, column 1"),
        error.getMessage());
  }

  @Test
  void distributions_thatAreNoNumbers_areRefusedWithTheirPlace() {
    Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
    UnrolledNetwork unrolled =
        UnrolledNetwork.of(Identity.network(kernels, new Head.Classes(3)), Team.of(1), T, B);
    unrolled.forward();
    Matrix values = Matrix.allocate(ElementType.FLOAT64, T * B, 3);
    values.set(5, 2, Double.NaN);
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> unrolled.loss(new Targets.Distributions(values), Reduction.MEAN));
    assertEquals(
        "targets: expected finite numbers, got NaN in sequence 2, step 1, column 2",
        error.getMessage());
  }

  @Test
  void counts_belowZero_areRefused() {
    Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
    UnrolledNetwork unrolled =
        UnrolledNetwork.of(
            Identity.network(kernels, new Head.Values(1, new ValueLoss.NegativeBinomial(1))),
            Team.of(1),
            T,
            B);
    unrolled.forward();
    Matrix values = Matrix.allocate(ElementType.FLOAT64, T * B, 1);
    values.set(4, 0, -1);
    Targets targets = new Targets.Values(values);
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> unrolled.loss(targets, Reduction.MEAN));
    assertEquals(
        "targets: expected finite counts of 0 or more, or NaN for a missing target, got -1.0 in"
            + " sequence 1, step 1, column 0",
        error.getMessage());
  }

  /// A step without a target has no slope, whatever its outputs are.
  @ParameterizedTest
  @MethodSource("lossesOnBackends")
  void steps_withoutATarget_haveNoSlopeWhateverTheirOutputs(ValueLoss loss, Kernels kernels) {
    UnrolledNetwork unrolled =
        UnrolledNetwork.of(Identity.network(kernels, new Head.Values(1, loss)), Team.of(1), 2, 1);
    for (int part = 0; part < loss.outputsPerNumber(); part++) {
      unrolled.input().set(0, part, -1e30);
    }
    unrolled.forward();
    Matrix values = Matrix.allocate(kernels.type(), 2, 1);
    values.set(0, 0, Double.NaN);
    assertTrue(Double.isFinite(unrolled.loss(new Targets.Values(values), Reduction.MEAN)));
    for (int part = 0; part < loss.outputsPerNumber(); part++) {
      assertEquals(0, unrolled.logits().get(0, part) + 0.0);
    }
  }

  @Test
  void losses_ofWrongNumbers_areRefused() {
    for (double bad : new double[] {0, -1, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> new ValueLoss.Huber(bad));
      assertThrows(IllegalArgumentException.class, () -> new ValueLoss.Quantile(bad));
      assertThrows(IllegalArgumentException.class, () -> new ValueLoss.StudentT(bad));
      assertThrows(IllegalArgumentException.class, () -> new ValueLoss.NegativeBinomial(bad));
    }
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> Head.parse("values,gaussian", 3));
    assertEquals(
        "head: expected K to be a multiple of 2 for gaussian, got K=3", error.getMessage());
    assertEquals(
        List.of(1, 2),
        List.of(
            new ValueLoss.Huber(1).outputsPerNumber(),
            new ValueLoss.Gaussian().outputsPerNumber()));
  }
}
