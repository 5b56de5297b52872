package dev.unfold.head;

import dev.unfold.kernels.storage.Matrix;
import java.util.function.DoubleUnaryOperator;

/// What the outputs of one step say.
final class Predictions {
  private Predictions() {}

  /// Each of the first `count` outputs as `what` makes of it.
  static double[] of(Matrix outputs, int row, int count, DoubleUnaryOperator what) {
    double[] all = new double[count];
    for (int k = 0; k < count; k++) {
      all[k] = what.applyAsDouble(outputs.get(row, k));
    }
    return all;
  }

  /// `exp(net_k) / sum_j exp(net_j)`
  static double[] softmax(Matrix outputs, int row) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < outputs.cols(); k++) {
      largest = Math.max(largest, outputs.get(row, k));
    }
    double most = largest;
    double[] all = of(outputs, row, outputs.cols(), net -> Math.exp(net - most));
    double sum = 0;
    for (double each : all) {
      sum += each;
    }
    for (int k = 0; k < all.length; k++) {
      all[k] /= sum;
    }
    return all;
  }
}
