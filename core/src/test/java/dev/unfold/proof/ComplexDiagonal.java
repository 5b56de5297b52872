package dev.unfold.proof;

import dev.unfold.cell.Bias;
import dev.unfold.cell.library.DiagonalCells;
import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.List;
import java.util.Map;

/// A linear recurrent unit that a softmax reads, in the parameters of its source: the angle's logarithm theta, and the
/// gain's, gamma. The library's gamma is that without the logarithm of sqrt(1 - a^2), which nu has a part in, and its
/// angle is that of a vector. The case's readout of both states is the cell's, and the network's hands it on.
final class ComplexDiagonal implements GoldenProof {
  private final int steps;
  private final int batch;
  private final int width;
  private final int hidden;
  private final int classes;
  private final GoldenTensor input;
  private final int[] targets;
  private final List<GoldenTensor> initial;
  private final GoldenTensor last;
  private final GoldenTensor logits;
  private final double loss;
  private final Map<String, GoldenTensor> params;
  private final Map<String, GoldenTensor> gradients;

  ComplexDiagonal(GoldenCase golden) {
    steps = golden.size("T");
    batch = golden.size("B");
    width = golden.size("I");
    hidden = golden.size("H");
    classes = golden.size("K");
    if (!golden.text("loss_reduction").equals("sum") || classes > hidden) {
      throw new Unsupported("expected a loss that is a sum, and no more classes than units");
    }
    input = golden.tensor("input", steps, batch, width);
    targets = golden.indices("targets", classes, steps, batch);
    initial =
        List.of(golden.tensor("h0_re", 1, batch, hidden), golden.tensor("h0_im", 1, batch, hidden));
    last = golden.tensor("states_after", steps, batch, 2 * hidden).part(steps - 1);
    logits = golden.tensor("logits", steps, batch, classes);
    loss = golden.number("loss");
    params = golden.tensors("params");
    gradients = golden.tensors("grads");
  }

  @Override
  public String kind() {
    return "lru";
  }

  private double[] param(String name) {
    return params.get(name).data();
  }

  /// -ln of a unit's magnitude.
  private double decay(int unit) {
    return Math.exp(param("nu")[unit]);
  }

  private double square(int unit) {
    return Math.exp(-2 * decay(unit));
  }

  private Network network(Kernels kernels) {
    NetworkSpec spec =
        new NetworkSpec(
            DiagonalCells.lru().withBias(Bias.PER_AFFINE),
            new Encoder.Vectors(width),
            hidden,
            1,
            classes);
    Network network = Network.zeros(spec, kernels);
    Parameters own = network.parameters();
    for (int n = 0; n < hidden; n++) {
      double angle = Math.exp(param("theta")[n]);
      Numbers.set(own.matrix("nu_l0"), 0, n, param("nu")[n]);
      Numbers.set(own.matrix("phase_re_l0"), 0, n, Math.cos(angle));
      Numbers.set(own.matrix("phase_im_l0"), 0, n, Math.sin(angle));
      double gamma = param("gamma")[n] - Math.log(1 - square(n)) / 2;
      Numbers.set(own.matrix("gamma_l0"), 0, n, gamma);
      for (int m = 0; m < width; m++) {
        Numbers.set(own.matrix("weight_ih_l0"), n, m, param("weight_re")[n * width + m]);
        Numbers.set(own.matrix("weight_ih_l0"), hidden + n, m, param("weight_im")[n * width + m]);
      }
    }
    for (int k = 0; k < classes; k++) {
      for (int n = 0; n < hidden; n++) {
        double ofRe = param("head.weight")[k * 2 * hidden + n];
        double ofIm = param("head.weight")[k * 2 * hidden + hidden + n];
        Numbers.set(own.matrix("weight_after_re_l0"), k, n, ofRe);
        Numbers.set(own.matrix("weight_after_im_l0"), k, n, ofIm);
      }
      Numbers.set(own.matrix("bias_l0"), 0, k, param("head.bias")[k]);
      Numbers.set(own.matrix(Head.WEIGHT), k, k, 1);
    }
    own.changed();
    return network;
  }

  @Override
  public void run(Kernels kernels, Comparison comparison) {
    Network network = network(kernels);
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), steps, batch);
    input.copyTo(unrolled.input());
    List<Matrix> states =
        initial.stream().map(each -> each.part(0).toMatrix(kernels.precision())).toList();
    unrolled.start(new State(List.of(states)));
    unrolled.forward();
    comparison.compare("logits", logits, unrolled.logits());
    comparison.compare("loss", loss, unrolled.loss(targets, 0, Reduction.SUM));
    double[] after = new double[batch * 2 * hidden];
    for (int s = 0; s < 2; s++) {
      Matrix state = unrolled.finalState().layers().getFirst().get(s);
      for (int i = 0; i < batch * hidden; i++) {
        after[i / hidden * 2 * hidden + s * hidden + i % hidden] =
            Numbers.get(state, i / hidden, i % hidden);
      }
    }
    comparison.compare("states_after", last.data(), after);
    Parameters got = network.parameters().zeros();
    unrolled.backward(got);
    compare(got, comparison);
  }

  private void compare(Parameters got, Comparison comparison) {
    double[] nu = new double[hidden];
    double[] theta = new double[hidden];
    double[] gamma = new double[hidden];
    double[] weightRe = new double[hidden * width];
    double[] weightIm = new double[hidden * width];
    for (int n = 0; n < hidden; n++) {
      gamma[n] = Numbers.get(got.matrix("gamma_l0"), 0, n);
      double ofLog = decay(n) * square(n) / (1 - square(n));
      nu[n] = Numbers.get(got.matrix("nu_l0"), 0, n) - gamma[n] * ofLog;
      double angle = Math.exp(param("theta")[n]);
      double alongRe = Numbers.get(got.matrix("phase_re_l0"), 0, n);
      double alongIm = Numbers.get(got.matrix("phase_im_l0"), 0, n);
      theta[n] = angle * (Math.cos(angle) * alongIm - Math.sin(angle) * alongRe);
      for (int m = 0; m < width; m++) {
        weightRe[n * width + m] = Numbers.get(got.matrix("weight_ih_l0"), n, m);
        weightIm[n * width + m] = Numbers.get(got.matrix("weight_ih_l0"), hidden + n, m);
      }
    }
    double[] headBias = new double[classes];
    double[] headWeight = new double[classes * 2 * hidden];
    for (int k = 0; k < classes; k++) {
      headBias[k] = Numbers.get(got.matrix("bias_l0"), 0, k);
      for (int n = 0; n < hidden; n++) {
        headWeight[k * 2 * hidden + n] = Numbers.get(got.matrix("weight_after_re_l0"), k, n);
        headWeight[k * 2 * hidden + hidden + n] =
            Numbers.get(got.matrix("weight_after_im_l0"), k, n);
      }
    }
    Map<String, double[]> all =
        Map.of(
            "nu", nu,
            "theta", theta,
            "gamma", gamma,
            "weight_re", weightRe,
            "weight_im", weightIm,
            "head.weight", headWeight,
            "head.bias", headBias);
    gradients.forEach(
        (name, expected) -> comparison.compare("grads." + name, expected.data(), all.get(name)));
  }
}
