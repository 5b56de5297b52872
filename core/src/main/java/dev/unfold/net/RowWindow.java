package dev.unfold.net;

import dev.unfold.kernels.Matrix;

/// A window onto some of the rows of a matrix.
final class RowWindow {
  final Matrix matrix;
  private final long start;

  /// None of the rows yet.
  RowWindow(Matrix all) {
    matrix = all.rows(0, 0);
    start = all.offset();
  }

  /// Shows `count` rows from `from` on.
  void show(int from, int count) {
    matrix.moveTo(start + (long) from * matrix.stride(), count);
  }
}
