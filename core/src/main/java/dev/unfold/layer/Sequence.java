package dev.unfold.layer;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.Matrix;

/// Where a sequence of T steps of B rows of F numbers lies: time-major `[T, B, F]`, without gaps, from
/// `offset` on in `buffer`.
///
/// @param buffer the memory
/// @param offset where step 0, row 0 starts
/// @param width F
public record Sequence(Buffer buffer, long offset, int width) {
  /// A new sequence of zeros for `rows` = T*B rows, in the memory of `kernels`.
  public static Sequence allocate(Kernels kernels, int rows, int width) {
    return new Sequence(kernels.allocate((long) rows * width), 0, width);
  }

  /// The first `rows` rows of all steps, one after the other: row t*B + b is step t, sequence b.
  public Matrix rows(int rows) {
    return Matrix.of(buffer, offset, rows, width);
  }
}
