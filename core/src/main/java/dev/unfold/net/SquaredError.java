package dev.unfold.net;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import java.util.Arrays;

/// The squared error of rows of K outputs y for targets z:
///
///     E_t = 1/K sum_k (y_k - z_k)^2        dE_t/dy_k = 2/K (y_k - z_k)
final class SquaredError {
  /// One for each thread.
  private final PointwiseKernel[] programs;

  /// What each row counts, and the sum of its squares.
  private final Matrix scales;

  private final Matrix sums;

  SquaredError(Kernels kernels, int threads, int rows, int outputs) {
    scales = Matrix.allocate(kernels.precision(), rows, 1);
    sums = Matrix.allocate(kernels.precision(), rows, 1);
    programs = new PointwiseKernel[threads];
    Arrays.setAll(programs, i -> kernels.prepare(program(outputs)));
  }

  private static Pointwise program(int outputs) {
    Pointwise.Builder b = Pointwise.builder();
    Slot y = b.operand();
    Slot z = b.operand();
    Slot scale = b.column();
    Slot sum = b.column();
    Slot difference = b.compute(Op.SUBTRACT, y, z);
    Slot squares = b.compute(Op.MULTIPLY, difference, difference);
    b.emit(Op.SUM, sum, squares, squares);
    Slot slope = b.rowTemporary();
    b.emit(Op.MULTIPLY, slope, scale, b.constant(2.0 / outputs));
    return b.emit(Op.MULTIPLY, y, difference, b.compute(Op.SPREAD, slope)).build();
  }

  /// Takes what each row counts.
  void start(double... counts) {
    for (int row = 0; row < scales.rows(); row++) {
      scales.set(row, 0, counts[row]);
    }
  }

  /// Sets the losses of the rows from `from` on, and replaces their outputs by the derivatives, scaled.
  ///
  /// @param thread which thread does
  void run(int thread, Matrix outputs, Matrix targets, int from, double[] losses) {
    int count = outputs.rows();
    Matrix ownSums = sums.rows(from, count);
    programs[thread].run(new Matrix[] {outputs, targets, scales.rows(from, count), ownSums});
    for (int row = 0; row < count; row++) {
      losses[from + row] = ownSums.get(row, 0) / outputs.cols();
    }
  }
}
