package dev.unfold.model.init;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class InitializerTest {
  private static final int H = 25;

  private static Parameters draw(int layers, long seed, Precision precision) {
    NetworkSpec spec =
        new NetworkSpec(Cells.lstm(), new Encoder.Embedding(200, 40), H, layers, 200);
    return Network.create(spec, TestBackends.scalar(precision), seed).parameters();
  }

  private static double[] numbers(Parameters parameters, String name) {
    Matrix matrix = parameters.matrix(name);
    double[] values = new double[matrix.rows() * matrix.cols()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Numbers.get(matrix, i / matrix.cols(), i % matrix.cols());
    }
    return values;
  }

  @Test
  void parameters_ofOneSeed_areTheSameBits() {
    assertArrayEquals(
        draw(2, 7, Precision.FLOAT).buffer().toArray(),
        draw(2, 7, Precision.FLOAT).buffer().toArray());
  }

  @Test
  void parameters_ofAnotherSeed_areOthers() {
    assertFalse(
        Arrays.equals(
            numbers(draw(1, 7, Precision.FLOAT), "weight_hh_l0"),
            numbers(draw(1, 8, Precision.FLOAT), "weight_hh_l0")));
  }

  @Test
  void parameters_ofNeighbouringSeeds_haveNoNumberInCommon() {
    Set<Double> seen = new HashSet<>();
    for (long seed = 1; seed <= 5; seed++) {
      for (double value : numbers(draw(1, seed, Precision.DOUBLE), "weight_hh_l0")) {
        assertTrue(seen.add(value), "seed " + seed + " repeats " + value);
      }
    }
  }

  @Test
  void tensors_ofOneSeed_areNotAlike() {
    Parameters parameters = draw(2, 7, Precision.FLOAT);
    assertFalse(
        Arrays.equals(numbers(parameters, "weight_hh_l0"), numbers(parameters, "weight_hh_l1")));
    assertFalse(
        Arrays.equals(numbers(parameters, "bias_ih_l0"), numbers(parameters, "bias_hh_l0")));
  }

  @Test
  void tensor_amongOthers_hasTheSameNumbers() {
    for (String name : new String[] {"embedding.weight", "weight_ih_l0", "head.bias"}) {
      assertArrayEquals(
          numbers(draw(1, 7, Precision.FLOAT), name), numbers(draw(3, 7, Precision.FLOAT), name));
    }
  }

  @Test
  void precisions_ofOneSeed_agreeUpToRounding() {
    double[] exact = numbers(draw(1, 7, Precision.DOUBLE), "weight_hh_l0");
    double[] rounded = numbers(draw(1, 7, Precision.FLOAT), "weight_hh_l0");
    for (int i = 0; i < exact.length; i++) {
      assertEquals((float) exact[i], rounded[i]);
    }
  }

  @Test
  void weightsAndBiases_areUniformWithinOneOverTheRootOfH() {
    Parameters parameters = draw(2, 7, Precision.DOUBLE);
    double bound = 1 / Math.sqrt(H);
    for (Parameters.Tensor tensor : parameters.tensors()) {
      if (tensor.name().equals(Network.EMBEDDING)) {
        continue;
      }
      double[] values = numbers(parameters, tensor.name());
      assertTrue(Arrays.stream(values).allMatch(x -> x >= -bound && x < bound), tensor.name());
      // Five deviations of the mean and of the mean square of n uniform numbers.
      double n = values.length;
      double mean = Arrays.stream(values).average().orElseThrow();
      double square = Arrays.stream(values).map(x -> x * x).average().orElseThrow();
      assertEquals(0, mean, 5 * bound / Math.sqrt(3 * n), tensor.name());
      assertEquals(
          bound * bound / 3, square, 5 * bound * bound * Math.sqrt(4 / (45 * n)), tensor.name());
    }
  }

  @Test
  void embedding_isNormal() {
    double[] values = numbers(draw(1, 7, Precision.DOUBLE), Network.EMBEDDING);
    double n = values.length;
    double root = Math.sqrt(n);
    assertEquals(0, Arrays.stream(values).average().orElseThrow(), 5 / root);
    assertEquals(1, Arrays.stream(values).map(x -> x * x).average().orElseThrow(), 7.1 / root);
    double beyondOne = Arrays.stream(values).filter(x -> Math.abs(x) > 1).count() / n;
    assertEquals(0.3173, beyondOne, 5 * Math.sqrt(0.3173 * 0.6827 / n));
    double beyondThree = Arrays.stream(values).filter(x -> Math.abs(x) > 3).count() / n;
    assertEquals(0.0027, beyondThree, 5 * Math.sqrt(0.0027 / n));
  }
}
