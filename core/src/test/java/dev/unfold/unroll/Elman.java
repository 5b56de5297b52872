package dev.unfold.unroll;

import dev.unfold.cell.Activation;
import java.util.SplittableRandom;

/// An Elman network without biases and one sequence for it, in the notation of `docs/bptt.md`.
///
/// @param f the function of the hidden units
/// @param v `[H, I]`
/// @param u `[H, H]`
/// @param w `[K, H]`
/// @param x the input of each step, `[T, I]`
/// @param z the target distribution of each step, `[T, K]`
record Elman(Activation f, double[][] v, double[][] u, double[][] w, double[][] x, double[][] z) {

  /// Everything that BPTT computes for it, named as in `docs/bptt.md`. `delta[t'][t]` is what the error
  /// of step t alone sends to step t', `delta[t']` summed over t is `sums[t']`; `gradV[t]`, `gradU[t]` and
  /// `gradW[t]` are the gradients of E_t alone.
  record Values(
      double[][] netH,
      double[][] h,
      double[][] netY,
      double[][] o,
      double[] losses,
      double loss,
      double[][] deltaOut,
      double[][][] delta,
      double[][] sums,
      Gradients[] ofOne,
      Gradients ofAll) {}

  /// The gradients of the three matrices.
  record Gradients(double[][] v, double[][] u, double[][] w) {}

  /// T
  int steps() {
    return x.length;
  }

  /// I
  int inputs() {
    return v[0].length;
  }

  /// H
  int hidden() {
    return v.length;
  }

  /// K
  int classes() {
    return w.length;
  }

  /// Weights uniform in (-1, 1), inputs too, one right class a step.
  static Elman random(Activation f, int inputs, int hidden, int classes, int steps, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] z = new double[steps][classes];
    for (double[] row : z) {
      row[random.nextInt(classes)] = 1;
    }
    return new Elman(
        f,
        uniform(random, hidden, inputs),
        uniform(random, hidden, hidden),
        uniform(random, classes, hidden),
        uniform(random, steps, inputs),
        z);
  }

  private static double[][] uniform(SplittableRandom random, int rows, int cols) {
    double[][] matrix = new double[rows][cols];
    for (double[] row : matrix) {
      for (int c = 0; c < cols; c++) {
        row[c] = random.nextDouble(-1, 1);
      }
    }
    return matrix;
  }
}
