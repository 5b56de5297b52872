package dev.unfold.layer;

import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.Precision;

/// Where a sequence of T steps of B rows of F numbers lies: time-major `[T, B, F]`, without gaps, from
/// `offset` on in `buffer`.
///
/// @param buffer the memory
/// @param offset where step 0, row 0 starts
/// @param width F
public record Sequence(Buffer buffer, long offset, int width) {
  /// A new sequence of zeros for `rows` = T*B rows.
  public static Sequence allocate(Precision precision, int rows, int width) {
    return new Sequence(Buffer.allocate(precision, (long) rows * width), 0, width);
  }

  /// The first `rows` rows of all steps, one after the other: row t*B + b is step t, sequence b.
  public Matrix rows(int rows) {
    return Matrix.of(buffer, offset, rows, width);
  }
}
