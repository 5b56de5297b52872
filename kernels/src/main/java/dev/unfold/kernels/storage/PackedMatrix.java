package dev.unfold.kernels.storage;

import dev.unfold.argument.Refusal;

/// A matrix `[K, N]` laid out for the right-hand side of `Kernels.multiply`, in a backend's own order.
/// Made by `Kernels.allocatePacked`, filled by `Kernels.pack` once for each change of its numbers.
///
/// **Threads**: each column is filled by one thread, others may be by others; then any number read.
public interface PackedMatrix {
  /// K, the summed dimension.
  int rows();

  /// N, the columns of the product.
  int cols();

  /// How its numbers are kept.
  WeightFormat format();

  /// A window onto `count` columns from `from` on.
  ///
  /// **Errors**: what is not within the matrix, or a `from` that is no multiple of the backend's
  /// `Kernels.alignment`, throws [IllegalArgumentException].
  PackedMatrix columns(int from, int count);

  /// Rejects a window of `count` columns from `from` on that `whole` does not have.
  static void expectColumns(PackedMatrix whole, int from, int count, int alignment) {
    if (from < 0 || count < 0 || count > whole.cols() - from || from % alignment != 0) {
      throw new Refusal(
          "columns",
          "some of %d, from a multiple of %d on".formatted(whole.cols(), alignment),
          "%d from %d on".formatted(count, from));
    }
  }
}
