package dev.unfold.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.Team;
import dev.unfold.net.Network;
import dev.unfold.net.Parameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdamTest {
  /// One parameter followed through the formulas of the paper.
  private static double byFormula(double p, double[] gradients, double scale, double rate) {
    double m = 0;
    double v = 0;
    for (int n = 1; n <= gradients.length; n++) {
      double g = gradients[n - 1] * scale;
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      double mean = m / (1 - Math.pow(0.9, n));
      double square = v / (1 - Math.pow(0.999, n));
      p -= rate * mean / (Math.sqrt(square) + 1e-8);
    }
    return p;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void step_severalUpdates_followsThePaper(int threads) {
    Network network = TinyText.network("elman", Precision.DOUBLE);
    Parameters start = network.parameters().copy();
    Parameters gradients = network.parameters().zeros();
    Adam adam = new Adam(network, gradients, Team.of(threads));
    double[] factors = {1, -0.5, 3};
    for (double factor : factors) {
      for (int i = 0; i < gradients.all().cols(); i++) {
        gradients.all().set(0, i, factor * (i + 1));
      }
      adam.step(0.25, 0.01);
    }
    for (Parameters.Tensor tensor : start.tensors()) {
      Matrix before = start.matrix(tensor.name());
      Matrix after = network.parameters().matrix(tensor.name());
      for (int r = 0; r < before.rows(); r++) {
        for (int c = 0; c < before.cols(); c++) {
          long place = before.offset() + (long) r * before.stride() + c + 1;
          double[] own = {factors[0] * place, factors[1] * place, factors[2] * place};
          assertEquals(byFormula(before.get(r, c), own, 0.25, 0.01), after.get(r, c), 1e-14);
        }
      }
    }
  }

  @Test
  void step_zeroGradient_changesNothing() {
    Network network = TinyText.network("elman", Precision.DOUBLE);
    Parameters start = network.parameters().copy();
    new Adam(network, network.parameters().zeros(), Team.of(1)).step(1, 0.1);
    assertEquals(start.buffer().get(0), network.parameters().buffer().get(0), 0);
  }

  @Test
  void step_anyUpdate_changesTheVersion() {
    Network network = TinyText.network("elman", Precision.DOUBLE);
    long before = network.parameters().version();
    new Adam(network, network.parameters().zeros(), Team.of(1)).step(1, 0.1);
    assertEquals(before + 1, network.parameters().version());
  }
}
