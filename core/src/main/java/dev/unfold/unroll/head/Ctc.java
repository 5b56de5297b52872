package dev.unfold.unroll.head;

import dev.unfold.kernels.storage.Matrix;
import java.util.Arrays;

/// Connectionist temporal classification of one sequence: the probability of its labels is that of all paths that give
/// them, a class or blank for each step, where a class that is repeated counts once unless a blank is between.
///
///     l' = blank, l_0, blank, l_1, ..., blank          S = 2 L + 1 places
///     alpha_t(s) = o_{l'_s}(t) (alpha_{t-1}(s) + alpha_{t-1}(s-1) + [l'_s may follow l'_{s-2}] alpha_{t-1}(s-2))
///     p = sum_s alpha_t(s) beta_t(s)                    at any t, beta from the end without o(t)
///     E = -ln p        dE/dnet_y_k(t) = o_k(t) - 1/p sum_{s: l'_s = k} alpha_t(s) beta_t(s)
///
/// All in logarithms, in double precision.
///
/// **Memory**: for T steps, `T (2 S + 1)` numbers on the heap.
///
/// **Threads**: one at a time.
///
/// **Source**: A. Graves, S. Fernandez, F. Gomez and J. Schmidhuber, Connectionist temporal classification, ICML 2006.
final class Ctc {
  /// Up to here a logarithm has digits enough behind the point.
  private static final double LARGE = 1e3;

  private double[] alpha = new double[0];
  private double[] beta = new double[0];
  private double[] largest = new double[0];
  private double[] logarithms = new double[0];
  private int[] places = new int[0];
  private double[] shares = new double[0];

  /// The least steps that can say `labels`: one for each, and a blank between equal ones.
  static int leastSteps(int... labels) {
    int least = labels.length;
    for (int i = 1; i < labels.length; i++) {
      least += labels[i] == labels[i - 1] ? 1 : 0;
    }
    return least;
  }

  /// Replaces the net inputs of the softmax by `scale` times their derivatives.
  ///
  /// @param logits net_y of all rows
  /// @param rows those of the sequence from its first step to its last, the first `steps` of which count
  /// @return E
  double run(Matrix logits, int[] rows, int steps, int[] labels, int blank, double scale) {
    prepare(logits, rows, steps, labels, blank);
    int count = 2 * labels.length + 1;
    forward(logits, rows, steps, count, blank);
    backward(logits, rows, steps, count, blank);
    double total = total(0, count);
    for (int t = 0; t < steps; t++) {
      differentiate(logits, rows[t], t, count, total, scale);
    }
    return -total;
  }

  private void prepare(Matrix logits, int[] rows, int steps, int[] labels, int blank) {
    int count = 2 * labels.length + 1;
    int cells = Math.multiplyExact(steps, count);
    if (alpha.length < cells) {
      alpha = new double[cells];
      beta = new double[cells];
    }
    if (largest.length < steps) {
      largest = new double[steps];
      logarithms = new double[steps];
    }
    if (places.length < count) {
      places = new int[count];
    }
    if (shares.length != logits.cols()) {
      shares = new double[logits.cols()];
    }
    for (int s = 0; s < count; s++) {
      places[s] = s % 2 == 0 ? blank : labels[s / 2];
    }
    for (int t = 0; t < steps; t++) {
      normalize(logits, rows[t], t);
    }
  }

  private void normalize(Matrix logits, int row, int t) {
    largest[t] = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < logits.cols(); k++) {
      largest[t] = Math.max(largest[t], logits.get(row, k));
    }
    double sum = 0;
    for (int k = 0; k < logits.cols(); k++) {
      sum += Math.exp(logits.get(row, k) - largest[t]);
    }
    logarithms[t] = Math.log(sum);
  }

  private double logarithm(Matrix logits, int row, int t, int s) {
    return logarithmOf(logits, row, t, places[s]);
  }

  /// ln o_k(t). A large number that the logarithm of the sum is added to takes its digits with it.
  private double logarithmOf(Matrix logits, int row, int t, int k) {
    double y = logits.get(row, k);
    return Math.abs(largest[t]) > LARGE
        ? y - largest[t] - logarithms[t]
        : y - (largest[t] + logarithms[t]);
  }

  /// Whether place s may follow place s - 2.
  private boolean mayJump(int s, int blank) {
    return s > 1 && places[s] != blank && places[s] != places[s - 2];
  }

  private void forward(Matrix logits, int[] rows, int steps, int count, int blank) {
    Arrays.fill(alpha, 0, count, Double.NEGATIVE_INFINITY);
    for (int s = 0; s < Math.min(2, count); s++) {
      alpha[s] = logarithm(logits, rows[0], 0, s);
    }
    for (int t = 1; t < steps; t++) {
      int before = (t - 1) * count;
      for (int s = 0; s < count; s++) {
        double sum = alpha[before + s];
        sum = s > 0 ? add(sum, alpha[before + s - 1]) : sum;
        sum = mayJump(s, blank) ? add(sum, alpha[before + s - 2]) : sum;
        alpha[before + count + s] = sum + logarithm(logits, rows[t], t, s);
      }
    }
  }

  private void backward(Matrix logits, int[] rows, int steps, int count, int blank) {
    int last = (steps - 1) * count;
    Arrays.fill(beta, last, last + count, Double.NEGATIVE_INFINITY);
    Arrays.fill(beta, last + Math.max(0, count - 2), last + count, 0);
    for (int t = steps - 2; t >= 0; t--) {
      for (int s = 0; s < count; s++) {
        double sum = after(logits, rows[t + 1], t, count, s);
        sum = s + 1 < count ? add(sum, after(logits, rows[t + 1], t, count, s + 1)) : sum;
        boolean jumps = s + 2 < count && mayJump(s + 2, blank);
        beta[t * count + s] = jumps ? add(sum, after(logits, rows[t + 1], t, count, s + 2)) : sum;
      }
    }
  }

  private double after(Matrix logits, int row, int t, int count, int s) {
    return beta[(t + 1) * count + s] + logarithm(logits, row, t + 1, s);
  }

  /// ln p, from step `t`.
  private double total(int t, int count) {
    double total = Double.NEGATIVE_INFINITY;
    for (int s = 0; s < count; s++) {
      total = add(total, alpha[t * count + s] + beta[t * count + s]);
    }
    return total;
  }

  private void differentiate(Matrix logits, int row, int t, int count, double total, double scale) {
    share(t, count, total);
    for (int k = 0; k < logits.cols(); k++) {
      double output = Math.exp(logarithmOf(logits, row, t, k));
      logits.set(row, k, scale * (output - shares[k]));
    }
  }

  /// Sets how likely each class is at step `t`, given the labels.
  private void share(int t, int count, double total) {
    Arrays.fill(shares, 0);
    if (Math.abs(total) <= LARGE) {
      for (int s = 0; s < count; s++) {
        shares[places[s]] += Math.exp(alpha[t * count + s] + beta[t * count + s] - total);
      }
      return;
    }
    // Of large logarithms the rounding is large, too, and is another at each step: relative to the
    // largest there.
    double top = Double.NEGATIVE_INFINITY;
    for (int s = 0; s < count; s++) {
      top = Math.max(top, alpha[t * count + s] + beta[t * count + s]);
    }
    double sum = 0;
    for (int s = 0; s < count; s++) {
      double weight = Math.exp(alpha[t * count + s] + beta[t * count + s] - top);
      shares[places[s]] += weight;
      sum += weight;
    }
    for (int k = 0; k < shares.length; k++) {
      shares[k] /= sum;
    }
  }

  /// ln(e^a + e^b)
  private static double add(double a, double b) {
    double larger = Math.max(a, b);
    return larger == Double.NEGATIVE_INFINITY
        ? larger
        : larger + Math.log1p(Math.exp(Math.min(a, b) - larger));
  }
}
