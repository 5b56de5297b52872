package dev.unfold.unroll.head;

import dev.unfold.head.NumberLoss;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.storage.Matrix;

/// Computes a loss that needs more than pointwise operations: number by number, in double, in the host's memory.
final class LossesInDouble implements ValueLosses {
  private final NumberLoss alone;
  private final int parts;

  /// What the sum over N numbers is divided by.
  private final double divisor;

  private double[] counts;

  LossesInDouble(ValueLoss loss, int outputs) {
    alone = NumberLoss.of(loss);
    parts = loss.outputsPerNumber();
    divisor = loss.isLikelihood() ? 1 : (double) outputs / parts;
  }

  @Override
  public void start(double... counts) {
    this.counts = counts;
  }

  @Override
  public void run(int thread, Matrix outputs, Matrix targets, int from, double[] losses) {
    Matrix here = outputs.toHost();
    Matrix numbers = targets.toHost();
    double[] y = new double[parts];
    double[] slopes = new double[parts];
    for (int row = 0; row < here.rows(); row++) {
      double weight = counts[from + row] / divisor;
      double sum = 0;
      for (int n = 0; n < numbers.cols(); n++) {
        double z = numbers.get(row, n);
        boolean counted = weight != 0 && !Double.isNaN(z);
        for (int part = 0; part < parts; part++) {
          y[part] = here.get(row, part * numbers.cols() + n);
        }
        sum += counted ? alone.compute(y, z, slopes) : 0;
        for (int part = 0; part < parts; part++) {
          here.set(row, part * numbers.cols() + n, counted ? slopes[part] * weight : 0);
        }
      }
      if (weight != 0) {
        losses[from + row] = sum / divisor;
      }
    }
    outputs.copy(here);
  }
}
