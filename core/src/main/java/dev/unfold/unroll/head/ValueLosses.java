package dev.unfold.unroll.head;

import dev.unfold.head.PointwiseLoss;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;

/// Computes a [ValueLoss] of rows of outputs, and replaces the outputs by the derivatives.
///
/// **Threads**: any number, each for other rows.
interface ValueLosses {
  /// That of a loss.
  ///
  /// @param rows the most rows that there will be
  static ValueLosses of(ValueLoss loss, Kernels kernels, int threads, int rows, int outputs) {
    return loss instanceof PointwiseLoss pointwise
        ? new ProgramLosses(pointwise, kernels, threads, rows, outputs)
        : new LossesInDouble(loss, outputs);
  }

  /// Takes what each row counts; 0 if it has no target.
  void start(double... counts);

  /// Sets the losses of the rows from `from` on, and replaces their outputs by the derivatives, scaled.
  ///
  /// @param thread which thread does
  void run(int thread, Matrix outputs, Matrix targets, int from, double[] losses);
}
