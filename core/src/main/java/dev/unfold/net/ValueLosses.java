package dev.unfold.net;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Computes a [ValueLoss] of rows of outputs, and replaces the outputs by the derivatives.
final class ValueLosses {
  private final ValueLoss loss;

  /// One for each thread.
  private final PointwiseKernel[] programs;

  /// What each row counts, and the sum over its numbers.
  private final Matrix scales;

  private final Matrix sums;

  /// What the sum over N numbers is divided by.
  private final double divisor;

  ValueLosses(ValueLoss loss, Kernels kernels, int threads, int rows, int outputs) {
    this.loss = loss;
    scales = Matrix.allocate(kernels.precision(), rows, 1);
    sums = Matrix.allocate(kernels.precision(), rows, 1);
    divisor = loss.isLikelihood() ? 1 : (double) outputs / loss.sorts();
    programs = new PointwiseKernel[threads];
    Arrays.setAll(programs, i -> kernels.prepare(program()));
  }

  /// Whether it computes `other`.
  boolean isOf(ValueLoss other) {
    return loss.equals(other);
  }

  private Pointwise program() {
    Pointwise.Builder b = Pointwise.builder();
    List<Slot> outputs = new ArrayList<>();
    for (int sort = 0; sort < loss.sorts(); sort++) {
      outputs.add(b.operand());
    }
    Slot z = b.operand();
    Slot scale = b.column();
    Slot sum = b.column();
    ValueLoss.Terms terms = loss.terms(b, outputs, z);
    b.emit(Op.SUM, sum, terms.error(), terms.error());
    Slot weight = b.rowTemporary();
    b.emit(Op.MULTIPLY, weight, scale, b.constant(1 / divisor));
    Slot spread = b.compute(Op.SPREAD, weight);
    for (int sort = 0; sort < outputs.size(); sort++) {
      b.emit(Op.MULTIPLY, outputs.get(sort), terms.slopes().get(sort), spread);
    }
    return b.build();
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
    int numbers = targets.cols();
    List<Matrix> operands = new ArrayList<>();
    for (int sort = 0; sort < loss.sorts(); sort++) {
      operands.add(outputs.columns(sort * numbers, numbers));
    }
    Matrix ownSums = sums.rows(from, count);
    operands.addAll(List.of(targets, scales.rows(from, count), ownSums));
    programs[thread].run(operands.toArray(Matrix[]::new));
    for (int row = 0; row < count; row++) {
      losses[from + row] = ownSums.get(row, 0) / divisor + constants(targets, row);
    }
  }

  private double constants(Matrix targets, int row) {
    double sum = 0;
    for (int n = 0; n < targets.cols(); n++) {
      sum += loss.constant(targets.get(row, n));
    }
    return sum;
  }
}
