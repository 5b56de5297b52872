package dev.unfold.check;

import dev.unfold.kernels.storage.Matrix;
import java.util.function.DoubleSupplier;

/// The derivatives of a loss by its own values at x + h and x - h.
///
///     dE/dx = (E(x + h) - E(x - h)) / (2 h)        error = |adjoint - difference| / max(1, |adjoint|, |difference|)
///
/// @param changed what is done whenever numbers were changed
/// @param loss E of the numbers as they are
record CentralDifferences(Runnable changed, DoubleSupplier loss) {
  private static final double H = 1e-5;

  /// The largest error of `adjoint`, the derivatives by `values`, which are changed one by one, and put back.
  double error(Matrix values, Matrix adjoint) {
    Matrix numbers = values.toHost();
    Matrix derivatives = adjoint.toHost();
    double largest = 0;
    for (int r = 0; r < values.rows(); r++) {
      for (int c = 0; c < values.cols(); c++) {
        double value = numbers.get(r, c);
        numbers.set(r, c, value + H);
        double above = loss(values, numbers);
        numbers.set(r, c, value - H);
        double below = loss(values, numbers);
        numbers.set(r, c, value);
        set(values, numbers);
        double difference = (above - below) / (2 * H);
        largest = Math.max(largest, error(derivatives.get(r, c), difference));
      }
    }
    return largest;
  }

  private double loss(Matrix values, Matrix numbers) {
    set(values, numbers);
    return loss.getAsDouble();
  }

  private void set(Matrix values, Matrix numbers) {
    values.copy(numbers);
    changed.run();
  }

  private static double error(double adjoint, double difference) {
    double scale = Math.max(1, Math.max(Math.abs(adjoint), Math.abs(difference)));
    double error = Math.abs(adjoint - difference) / scale;
    return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
  }
}
