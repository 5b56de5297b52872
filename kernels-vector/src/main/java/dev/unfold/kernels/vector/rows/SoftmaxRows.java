package dev.unfold.kernels.vector.rows;

import dev.unfold.kernels.storage.Matrix;

/// What [Softmax] does to single rows. Implementations give the same bits.
public sealed interface SoftmaxRows permits VectorSoftmaxRows, PlainSoftmaxRows {
  /// The largest number of a row that is not NaN.
  double largest(Matrix logits, int row);

  /// gradient(row, k) = exp(logits(row, k) - largest); returns their sum. Two loops, so that either fits what the
  /// compiler takes in at once; the row is in the first-level cache.
  double exponentials(Matrix logits, int row, float largest, Matrix gradient);

  /// matrix(row, k) = factor matrix(row, k)
  void multiply(Matrix matrix, int row, float factor);

  /// The sum of a row.
  double sum(Matrix matrix, int row);

  /// sum_k z_k (logits(row, k) - largest)
  double expected(Matrix logits, Matrix targets, int row, float largest);

  /// gradient(row, k) = factor gradient(row, k) - scale z_k
  void subtract(Matrix gradient, Matrix targets, int row, float factor, float scale);
}
