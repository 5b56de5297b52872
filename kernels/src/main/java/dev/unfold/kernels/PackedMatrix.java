package dev.unfold.kernels;

/// A matrix `[K, N]` laid out for the right-hand side of [Kernels#multiply], in a backend's own order.
/// Made by [Kernels#allocatePacked], filled by [Kernels#pack] once for each change of its numbers.
///
/// **Threads**: filled by one thread, then read by any number.
public interface PackedMatrix {
  /// K, the summed dimension.
  int rows();

  /// N, the columns of the product.
  int cols();
}
