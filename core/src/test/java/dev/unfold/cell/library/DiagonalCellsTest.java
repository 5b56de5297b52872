package dev.unfold.cell.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class DiagonalCellsTest {
  private static final int H = 200;

  private static Network network(Cell cell, Kernels kernels) {
    return Network.create(new NetworkSpec(cell, new Encoder.Vectors(2), H, 1, 3), kernels, 5);
  }

  private static double[] numbers(Parameters parameters, String name) {
    Matrix matrix = parameters.matrix(name);
    double[] all = new double[matrix.rows() * matrix.cols()];
    Arrays.setAll(all, i -> Numbers.get(matrix, i / matrix.cols(), i % matrix.cols()));
    return all;
  }

  /// At a = 1 the slope of sqrt(1 - a^2) has no bound; here nothing is forgotten, decays are so small that a is 1, or
  /// all parameters are 0.
  @ParameterizedTest
  @EnumSource(Precision.class)
  void gradients_whereNothingIsForgotten_areNumbers(Precision precision) {
    Kernels kernels = TestBackends.best(precision);
    for (Cell cell : List.of(DiagonalCells.rgLru(), DiagonalCells.lru(), DiagonalCells.hgrn())) {
      for (double bias : new double[] {-30, -1000, 1000}) {
        Network network = network(cell, kernels);
        fill(network, "bias_ih_l0", bias);
        expectNumbers(network, cell.name() + " with biases of " + bias);
      }
      for (double decay : new double[] {-30, -1000, 30}) {
        Network network = network(cell, kernels);
        fill(network, cell.parameters().getFirst().name() + "_l0", decay);
        expectNumbers(network, cell.name() + " with decays of " + decay);
      }
      NetworkSpec spec = new NetworkSpec(cell, new Encoder.Vectors(2), 3, 1, 3);
      expectNumbers(Network.zeros(spec, kernels), cell.name() + " of zeros");
    }
  }

  private static void fill(Network network, String name, double value) {
    Matrix matrix = network.parameters().matrix(name);
    for (int i = 0; i < matrix.cols(); i++) {
      Numbers.set(matrix, 0, i, value);
    }
    network.parameters().changed();
  }

  private static void expectNumbers(Network network, String what) {
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), 4, 1);
    for (int t = 0; t < 4; t++) {
      Numbers.set(unrolled.input(), t, 0, 1 - t);
    }
    unrolled.startFromZero();
    unrolled.forward();
    unrolled.loss(new int[] {0, 1, 2, 0}, 0, Reduction.SUM);
    Parameters gradients = network.parameters().zeros();
    unrolled.backward(gradients);
    for (Parameters.Tensor tensor : gradients.tensors()) {
      for (double number : numbers(gradients, tensor.name())) {
        assertTrue(Double.isFinite(number), what + ": " + tensor.name() + " " + number);
      }
    }
  }

  /// 1 - a^2 in float, a being nearly 1, would be a difference of numbers that are nearly equal.
  @Test
  void rgLru_thatForgetsLittle_writesInFloatWhatItDoesInDouble() {
    double[] outputs = new double[2];
    List<Precision> precisions = List.of(Precision.DOUBLE, Precision.FLOAT);
    for (int p = 0; p < 2; p++) {
      Kernels kernels = TestBackends.best(precisions.get(p));
      Network network = network(DiagonalCells.rgLru(), kernels);
      fill(network, "lambda_l0", -12);
      UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), 1, 1);
      Numbers.set(unrolled.input(), 0, 0, 1);
      unrolled.startFromZero();
      unrolled.forward();
      outputs[p] = Numbers.get(unrolled.output(0), 0, 3);
    }
    assertTrue(Math.abs(outputs[0]) > 1e-5, () -> Arrays.toString(outputs));
    assertEquals(outputs[0], outputs[1], 2e-6 * Math.abs(outputs[0]));
  }

  @Test
  void lru_ofANewNetwork_isSpreadOverARing() {
    Parameters drawn =
        network(DiagonalCells.lru(), TestBackends.scalar(Precision.DOUBLE)).parameters();
    double[] magnitudes =
        Arrays.stream(numbers(drawn, "nu_l0")).map(nu -> Math.exp(-Math.exp(nu))).toArray();
    assertSpread(0.9, 0.999, magnitudes);
    double[] re = numbers(drawn, "phase_re_l0");
    double[] angles = numbers(drawn, "phase_im_l0");
    Arrays.setAll(angles, n -> Math.atan2(angles[n], re[n]));
    assertSpread(0, Math.PI, angles);
  }

  @Test
  void rgLru_ofANewNetwork_remembersFrom10To1000Steps() {
    Parameters drawn =
        network(DiagonalCells.rgLru(), TestBackends.scalar(Precision.DOUBLE)).parameters();
    assertSpread(
        0.9,
        0.999,
        Arrays.stream(numbers(drawn, "lambda_l0"))
            .map(lambda -> Math.exp(-Math.log1p(Math.exp(lambda))))
            .toArray());
  }

  /// All within, and near both ends.
  private static void assertSpread(double low, double high, double... numbers) {
    double room = 0.05 * (high - low);
    double least = Arrays.stream(numbers).min().orElseThrow();
    double most = Arrays.stream(numbers).max().orElseThrow();
    assertTrue(least > low - 1e-4 && least < low + room, "least " + least);
    assertTrue(most < high + 1e-4 && most > high - room, "most " + most);
  }
}
