package dev.unfold.unroll;

import dev.unfold.cell.Activation;

/// The formulas of `docs/bptt.md` as plain loops, written from the page alone: nothing of the library
/// takes part.
final class ElmanByFormulas {
  private final Elman elman;
  private final int steps;
  private final int inputs;
  private final int hidden;
  private final int classes;
  private final double[][] netH;
  private final double[][] h;
  private final double[][] netY;
  private final double[][] o;
  private final double[] losses;
  private final double[][] deltaOut;
  private final double[][][] delta;

  private ElmanByFormulas(Elman elman) {
    this.elman = elman;
    steps = elman.steps();
    inputs = elman.inputs();
    hidden = elman.hidden();
    classes = elman.classes();
    netH = new double[steps][hidden];
    h = new double[steps][hidden];
    netY = new double[steps][classes];
    o = new double[steps][classes];
    losses = new double[steps];
    deltaOut = new double[steps][classes];
    delta = new double[steps][steps][hidden];
  }

  static Elman.Values values(Elman elman) {
    return new ElmanByFormulas(elman).values();
  }

  private Elman.Values values() {
    double loss = 0;
    for (int t = 0; t < steps; t++) {
      forward(t);
      loss += losses[t];
    }
    double[][] sums = new double[steps][hidden];
    Elman.Gradients[] ofOne = new Elman.Gradients[steps];
    Elman.Gradients ofAll = zeros();
    for (int t = 0; t < steps; t++) {
      backward(t);
      ofOne[t] = zeros();
      addGradients(t, 0, ofOne[t]);
      addGradients(t, 0, ofAll);
      for (int earlier = 0; earlier <= t; earlier++) {
        for (int i = 0; i < hidden; i++) {
          sums[earlier][i] += delta[earlier][t][i];
        }
      }
    }
    return new Elman.Values(netH, h, netY, o, losses, loss, deltaOut, delta, sums, ofOne, ofAll);
  }

  /// The gradients that windows of `window` steps give: E_t reaches back to the start of its window.
  static Elman.Gradients truncated(Elman elman, int window) {
    ElmanByFormulas formulas = new ElmanByFormulas(elman);
    Elman.Gradients sum = formulas.zeros();
    for (int t = 0; t < formulas.steps; t++) {
      formulas.forward(t);
    }
    for (int t = 0; t < formulas.steps; t++) {
      formulas.backward(t);
      formulas.addGradients(t, t / window * window, sum);
    }
    return sum;
  }

  private void forward(int t) {
    for (int i = 0; i < hidden; i++) {
      for (int m = 0; m < inputs; m++) {
        netH[t][i] += elman.v()[i][m] * elman.x()[t][m];
      }
      for (int s = 0; s < hidden; s++) {
        netH[t][i] += elman.u()[i][s] * previous(t, s);
      }
      h[t][i] = f(netH[t][i]);
    }
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      for (int m = 0; m < hidden; m++) {
        netY[t][k] += elman.w()[k][m] * h[t][m];
      }
      sum += Math.exp(netY[t][k]);
    }
    for (int k = 0; k < classes; k++) {
      o[t][k] = Math.exp(netY[t][k]) / sum;
      losses[t] -= elman.z()[t][k] * Math.log(o[t][k]);
      deltaOut[t][k] = o[t][k] - elman.z()[t][k];
    }
  }

  /// delta(t', t) for all t' <= t.
  private void backward(int t) {
    for (int i = 0; i < hidden; i++) {
      double sum = 0;
      for (int k = 0; k < classes; k++) {
        sum += deltaOut[t][k] * elman.w()[k][i];
      }
      delta[t][t][i] = sum * slope(netH[t][i]);
    }
    for (int earlier = t - 1; earlier >= 0; earlier--) {
      for (int i = 0; i < hidden; i++) {
        double sum = 0;
        for (int j = 0; j < hidden; j++) {
          sum += delta[earlier + 1][t][j] * elman.u()[j][i];
        }
        delta[earlier][t][i] = sum * slope(netH[earlier][i]);
      }
    }
  }

  /// Adds the gradients of E_t, its error signals followed back to step `first`.
  private void addGradients(int t, int first, Elman.Gradients sum) {
    for (int k = 0; k < classes; k++) {
      for (int m = 0; m < hidden; m++) {
        sum.w()[k][m] += deltaOut[t][k] * h[t][m];
      }
    }
    for (int earlier = first; earlier <= t; earlier++) {
      for (int i = 0; i < hidden; i++) {
        for (int m = 0; m < inputs; m++) {
          sum.v()[i][m] += delta[earlier][t][i] * elman.x()[earlier][m];
        }
        for (int s = 0; s < hidden; s++) {
          sum.u()[i][s] += delta[earlier][t][i] * previous(earlier, s);
        }
      }
    }
  }

  private Elman.Gradients zeros() {
    return new Elman.Gradients(
        new double[hidden][inputs], new double[hidden][hidden], new double[classes][hidden]);
  }

  /// h_s(t-1)
  private double previous(int t, int s) {
    return t == 0 ? 0 : h[t - 1][s];
  }

  private double f(double net) {
    return switch (elman.f()) {
      case TANH -> Math.tanh(net);
      case RELU -> Math.max(net, 0);
      case SIGMOID -> sigmoid(net);
      case IDENTITY -> net;
    };
  }

  /// f'(net)
  private double slope(double net) {
    return slope(elman.f(), net);
  }

  /// f'(net)
  static double slope(Activation f, double net) {
    return switch (f) {
      case TANH -> 1 - Math.tanh(net) * Math.tanh(net);
      case RELU -> net > 0 ? 1 : 0;
      case SIGMOID -> sigmoid(net) * (1 - sigmoid(net));
      case IDENTITY -> 1;
    };
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
