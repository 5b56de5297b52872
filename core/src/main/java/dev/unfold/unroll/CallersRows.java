package dev.unfold.unroll;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.unroll.head.HeadTapes;
import dev.unfold.unroll.rows.PackedRows;

/// Results as the caller has rows, that of step t and sequence b at t*B + b, in the host's memory. What belongs to a
/// step that is not there is zero.
///
/// @param kernels what has computed them
/// @param rows which of the caller's rows are there
record CallersRows(Kernels kernels, PackedRows rows) {
  /// @param inside of the rows that are there: returned itself, if all are and the backend computes in the host's
  ///     memory
  Matrix of(Matrix inside) {
    if (rows.isPlain()) {
      return inside.toHost();
    }
    Matrix all = zeros(inside.cols());
    if (inside.rows() > 0) {
      kernels.scatterAdd(inside, rows.given(), 0, all);
    }
    return all;
  }

  private Matrix zeros(int width) {
    return Matrix.allocate(kernels.type(), rows.live.capacity() * rows.live.batch(), width);
  }

  /// The outputs of one head, `[T*B, K]`, or `[B, K]` if steps are pooled; of several beside each other.
  ///
  /// @param width K of all
  Matrix of(HeadTapes heads, int width) {
    if (heads.count() == 1) {
      Matrix only = heads.outputs(0);
      return heads.arePooled() ? ofSequences(only, heads.rows(0)) : of(only);
    }
    Matrix all = zeros(width);
    int first = 0;
    for (int i = 0; i < heads.count(); i++) {
      Matrix own = heads.outputs(i).toHost();
      Matrix columns = all.columns(first, own.cols());
      for (int row = 0; row < own.rows(); row++) {
        columns.copyRow(own, row, heads.rows(i).given(row));
      }
      first += own.cols();
    }
    return all;
  }

  private Matrix ofSequences(Matrix outputs, PackedRows pooled) {
    int batch = rows.live.batch();
    Matrix all = Matrix.allocate(kernels.type(), batch, outputs.cols());
    Matrix here = outputs.toHost();
    for (int row = 0; row < outputs.rows(); row++) {
      all.copyRow(here, row, pooled.given(row) % batch);
    }
    return all;
  }
}
