package dev.unfold.kernels.vector.rows;

import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.vector.lanes.Lanes;
import dev.unfold.kernels.vector.lanes.Trial;

/// Softmax cross-entropy of a row in three passes: the largest logit; the exponentials, written to the
/// gradient, and their sum in double; the gradient from the exponentials.
///
/// The largest logit is taken out first, so that no exponential overflows and the sum is at least 1.
/// A row with a NaN has a NaN sum, loss and gradient.
///
/// Where one class is nearly sure, the sum is 1 and what little the others have, which is lost in it: then that is
/// summed up by itself.
public final class Softmax {
  /// A sum below it has lost digits of the others.
  private static final double NEARLY_SURE = 1 + 0x1p-20;

  /// Classes, and vector operations for each vector of them, when it is tried.
  private static final int SAMPLE = 17 * Lanes.LANES - 1;

  private static final int OPERATIONS = 40;

  private static final SoftmaxRows VECTORS = new VectorSoftmaxRows();
  private static final SoftmaxRows PLAIN = new PlainSoftmaxRows();

  private static final Trial OF_CLASSES = trialOfClasses();
  private static final Trial OF_WEIGHTS = trialOfWeights();

  private Softmax() {}

  private static Trial trialOfClasses() {
    Matrix logits = Matrix.allocate(ElementType.FLOAT32, 1, SAMPLE);
    Matrix gradient = Matrix.allocate(ElementType.FLOAT32, 1, SAMPLE);
    int[] target = {0};
    double[] one = {1};
    double[] loss = {0};
    return new Trial(
        (long) SAMPLE / Lanes.LANES * OPERATIONS,
        () -> crossEntropy(VECTORS, logits, target, 0, one, gradient, loss));
  }

  private static Trial trialOfWeights() {
    Matrix logits = Matrix.allocate(ElementType.FLOAT32, 1, SAMPLE);
    Matrix targets = Matrix.allocate(ElementType.FLOAT32, 1, SAMPLE);
    Matrix gradient = Matrix.allocate(ElementType.FLOAT32, 1, SAMPLE);
    double[] one = {1};
    double[] loss = {0};
    return new Trial(
        (long) SAMPLE / Lanes.LANES * OPERATIONS,
        () -> crossEntropy(VECTORS, logits, targets, 0, one, gradient, loss));
  }

  public static void crossEntropy(
      Matrix logits, int[] targets, int from, double[] scales, Matrix gradient, double[] losses) {
    SoftmaxRows rows = OF_CLASSES.isOver(work(logits)) ? VECTORS : PLAIN;
    crossEntropy(rows, logits, targets, from, scales, gradient, losses);
  }

  public static void crossEntropy(
      Matrix logits, Matrix targets, int from, double[] scales, Matrix gradient, double[] losses) {
    SoftmaxRows rows = OF_WEIGHTS.isOver(work(logits)) ? VECTORS : PLAIN;
    crossEntropy(rows, logits, targets, from, scales, gradient, losses);
  }

  private static long work(Matrix logits) {
    return (long) logits.rows() * logits.cols() * OPERATIONS;
  }

  private static void crossEntropy(
      SoftmaxRows rows,
      Matrix logits,
      int[] targets,
      int from,
      double[] scales,
      Matrix gradient,
      double[] losses) {
    for (int r = 0; r < logits.rows(); r++) {
      double scale = scales[from + r];
      if (scale == 0) {
        skip(r, from, gradient, losses);
        continue;
      }
      int target = targets[from + r];
      double logit = logits.get(r, target);
      double largest = rows.largest(logits, r);
      double sum = rows.exponentials(logits, r, (float) largest, gradient);
      losses[from + r] = largest - logit + StrictMath.log(sum);
      // The right class's output minus 1 nearly cancels once it is learnt: it is computed in
      // double.
      double right = scale * (gradient.get(r, target) / sum - 1);
      if (sum < NEARLY_SURE && logit == largest) {
        double rest = rest(rows, gradient, r, target);
        losses[from + r] = StrictMath.log1p(rest);
        right = scale * (0 - rest) / sum;
      }
      rows.multiply(gradient, r, (float) (scale / sum));
      gradient.set(r, target, right);
    }
  }

  private static void crossEntropy(
      SoftmaxRows rows,
      Matrix logits,
      Matrix targets,
      int from,
      double[] scales,
      Matrix gradient,
      double[] losses) {
    for (int r = 0; r < logits.rows(); r++) {
      double scale = scales[from + r];
      if (scale == 0) {
        skip(r, from, gradient, losses);
        continue;
      }
      double largest = rows.largest(logits, r);
      // The loss is taken before the exponentials, which may overwrite the logits.
      double mass = rows.sum(targets, r);
      double expected = rows.expected(logits, targets, r, (float) largest);
      double sum = rows.exponentials(logits, r, (float) largest, gradient);
      losses[from + r] = mass * StrictMath.log(sum) - expected;
      if (sum < NEARLY_SURE) {
        int sure = indexOfOne(gradient, r);
        double rest = rest(rows, gradient, r, sure);
        double own = targets.get(r, sure);
        losses[from + r] = mass * StrictMath.log1p(rest) - expected;
        rows.subtract(gradient, targets, r, (float) (scale * mass / sum), (float) scale);
        gradient.set(r, sure, scale * ((mass - own) / sum - own * rest / sum));
      } else {
        rows.subtract(gradient, targets, r, (float) (scale * mass / sum), (float) scale);
      }
    }
  }

  /// The sum of the exponentials but that of the class that is nearly sure, 1.
  private static double rest(SoftmaxRows rows, Matrix gradient, int row, int sure) {
    gradient.set(row, sure, 0);
    double rest = rows.sum(gradient, row);
    gradient.set(row, sure, 1);
    return rest;
  }

  private static int indexOfOne(Matrix gradient, int row) {
    int index = 0;
    while (gradient.get(row, index) != 1) {
      index++;
    }
    return index;
  }

  /// A row that does not count.
  private static void skip(int row, int from, Matrix gradient, double[] losses) {
    losses[from + row] = 0;
    long at = gradient.offset() + (long) row * gradient.stride();
    gradient.buffer().clear(at, gradient.cols());
  }
}
