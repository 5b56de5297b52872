package dev.unfold.unroll.rows;

import dev.unfold.kernels.storage.Matrix;

/// A window onto some of the rows of a matrix.
public final class RowWindow {
  public final Matrix matrix;
  private final long start;

  /// None of the rows yet.
  public RowWindow(Matrix all) {
    matrix = all.rows(0, 0);
    start = all.offset();
  }

  /// Shows `count` rows from `from` on.
  public void show(int from, int count) {
    matrix.moveTo(start + (long) from * matrix.stride(), count);
  }
}
