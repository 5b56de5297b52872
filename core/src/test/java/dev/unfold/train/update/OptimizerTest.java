package dev.unfold.train.update;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.proof.Numbers;
import dev.unfold.train.TinyText;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizerTest {
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
    Optimizer adam = adam(network, gradients, Team.of(threads));
    double[] factors = {1, -0.5, 3};
    for (double factor : factors) {
      for (int i = 0; i < gradients.all().cols(); i++) {
        Numbers.set(gradients.all(), 0, i, factor * (i + 1));
      }
      adam.step(0.25, 0.01, 0);
    }
    for (Parameters.Tensor tensor : start.tensors()) {
      Matrix before = start.matrix(tensor.name());
      Matrix after = network.parameters().matrix(tensor.name());
      for (int r = 0; r < before.rows(); r++) {
        for (int c = 0; c < before.cols(); c++) {
          long place = before.offset() + (long) r * before.stride() + c + 1;
          double[] own = {factors[0] * place, factors[1] * place, factors[2] * place};
          assertEquals(
              byFormula(Numbers.get(before, r, c), own, 0.25, 0.01),
              Numbers.get(after, r, c),
              1e-14);
        }
      }
    }
  }

  @Test
  void step_zeroGradient_changesNothing() {
    Network network = TinyText.network("elman", Precision.DOUBLE);
    Parameters start = network.parameters().copy();
    adam(network, network.parameters().zeros(), Team.of(1)).step(1, 0.1, 0);
    assertEquals(Numbers.get(start.buffer(), 0), Numbers.get(network.parameters().buffer(), 0), 0);
  }

  /// Squares of them are 0 in single precision: what divides is epsilon then, never nothing.
  @ParameterizedTest
  @ValueSource(strings = {"adam,eps=0", "adagrad,eps=0", "rmsprop,eps=0", "adam,eps=1e-30", "adam"})
  void step_tinyGradients_staysWithinTheLearningRate(String text) {
    OptimizerSpec spec = OptimizerSpec.parse(text);
    for (Precision precision : Precision.values()) {
      for (double size : new double[] {0, 1e-44, 1e-30, 1e-23, 1e-10}) {
        Network network = TinyText.network("elman", precision);
        Parameters gradients = network.parameters().zeros();
        Optimizer optimizer = new Optimizer(spec, network, gradients, List.of(), Team.of(1));
        double[] start = network.parameters().buffer().toArray();
        for (int i = 0; i < start.length; i++) {
          Numbers.set(gradients.buffer(), i, size);
        }
        optimizer.step(1, 0.01, 0);
        for (int i = 0; i < start.length; i++) {
          // The first step of RMSProp is that of one with ten times the rate.
          double moved = Math.abs(Numbers.get(network.parameters().buffer(), i) - start[i]);
          assertTrue(moved <= 0.1001, () -> text + " " + precision + " " + size + ": " + moved);
        }
      }
    }
  }

  @Test
  void step_anyUpdate_changesTheVersion() {
    Network network = TinyText.network("elman", Precision.DOUBLE);
    long before = network.parameters().version();
    adam(network, network.parameters().zeros(), Team.of(1)).step(1, 0.1, 0);
    assertEquals(before + 1, network.parameters().version());
  }

  private static Optimizer adam(Network network, Parameters gradients, Team team) {
    return new Optimizer(new OptimizerSpec.Adam(), network, gradients, List.of(), team);
  }

  private static final int COUNT = 3;

  /// Runs three updates on a network of one tensor after the other, against formulas written here.
  private static double[] run(
      OptimizerSpec spec, double rate, double decay, ParameterGroup... groups) {
    Network network = TinyText.network("elman", Precision.DOUBLE);
    Parameters gradients = network.parameters().zeros();
    Optimizer optimizer = new Optimizer(spec, network, gradients, List.of(groups), Team.of(2));
    Numbers.set(network.parameters().all(), 0, 0, 1);
    Numbers.set(network.parameters().matrix("head.bias"), 0, 0, 1);
    for (int i = 0; i < COUNT; i++) {
      Numbers.set(gradients.all(), 0, 0, 0.5 + i);
      Numbers.set(gradients.matrix("head.bias"), 0, 0, 0.5 + i);
      optimizer.step(2, rate, decay);
    }
    return new double[] {
      Numbers.get(network.parameters().all(), 0, 0),
      Numbers.get(network.parameters().matrix("head.bias"), 0, 0)
    };
  }

  @Test
  void sgd_withNesterovsMomentum_isItsFormula() {
    double p = 1;
    double b = 0;
    for (int i = 0; i < COUNT; i++) {
      double g = 2 * (0.5 + i);
      b = 0.9 * b + g;
      p -= 0.1 * (g + 0.9 * b);
    }
    OptimizerSpec nesterov = OptimizerSpec.parse("sgd,momentum=0.9,nesterov=1");
    assertEquals(p, run(nesterov, 0.1, 0)[0], 1e-14);
  }

  @Test
  void sgd_withDampening_isItsFormula() {
    double p = 1;
    double b = 0;
    for (int i = 0; i < COUNT; i++) {
      double g = 2 * (0.5 + i);
      b = i == 0 ? g : 0.9 * b + (1 - 0.3) * g;
      p -= 0.1 * b;
    }
    OptimizerSpec dampened = OptimizerSpec.parse("sgd,momentum=0.9,dampening=0.3");
    assertEquals(p, run(dampened, 0.1, 0)[0], 1e-14);
    assertThrows(
        IllegalArgumentException.class,
        () -> OptimizerSpec.parse("sgd,momentum=0.9,dampening=0.3,nesterov=1"));
  }

  @Test
  void decayAndGroups_ofAnyOptimizer_countForTheirParameters() {
    double p = 1;
    double bias = 1;
    for (int i = 0; i < COUNT; i++) {
      double g = 2 * (0.5 + i);
      p = p * (1 - 0.1 * 0.01) - 0.1 * g;
      bias -= 0.1 * 3 * g;
    }
    ParameterGroup biases = ParameterGroup.parse(".*bias.*,rate=3,decay=0");
    double[] got = run(OptimizerSpec.parse("sgd"), 0.1, 0.01, biases);
    assertEquals(p, got[0], 1e-14);
    assertEquals(bias, got[1], 1e-14);
  }

  @Test
  void defaults_ofEveryOptimizer_areTheDocumented() {
    assertEquals(new OptimizerSpec.Adam(0.9, 0.999, 1e-8), OptimizerSpec.parse("adam"));
    assertEquals(new OptimizerSpec.RmsProp(0.99, 1e-8), OptimizerSpec.parse("rmsprop"));
    assertEquals(new OptimizerSpec.Adagrad(1e-10), OptimizerSpec.parse("adagrad"));
    assertEquals(
        new OptimizerSpec.Sgd(0, OptimizerSpec.Sgd.Momentum.PLAIN), OptimizerSpec.parse("sgd"));
    UpdateRule rule = UpdateRule.defaults();
    assertEquals(new OptimizerSpec.Adam(), rule.optimizer());
    assertEquals(0.002, rule.learningRate());
    assertEquals(0, rule.decay());
    assertEquals(new Clip.Norm(1), rule.clip());
    assertEquals(new Schedule.Constant(), rule.schedule());
    assertEquals(1, rule.accumulation());
    assertEquals(new Averaging.None(), rule.averaging());
    for (String text :
        List.of(
            "adam,beta1=0.5",
            "sgd,momentum=0.5,nesterov=1",
            "sgd,momentum=0.5,dampening=0.25",
            "rmsprop,alpha=0.5",
            "adagrad,eps=0.5")) {
      assertEquals(text, OptimizerSpec.parse(text).text());
    }
  }

  @Test
  void text_ofNoOptimizer_isRefused() {
    for (String text :
        List.of("adam,beta=1", "adam,beta1=1", "sgd,momentum", "sgd,momentum=x", "momentum", "")) {
      assertThrows(IllegalArgumentException.class, () -> OptimizerSpec.parse(text), text);
    }
  }
}
