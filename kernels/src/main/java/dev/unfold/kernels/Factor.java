package dev.unfold.kernels;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;

/// A right-hand side of [Kernels#multiply] and where its product goes: target = onto + a b.
///
/// @param b the right-hand side, `[K, N]`
/// @param onto what the product is added to, `[M, N]`: the target itself, a repeated row such as a bias, or any
///     other matrix that does not overlap the target; null for nothing
/// @param target `[M, N]`
public record Factor(PackedMatrix b, Matrix onto, Matrix target) {
  /// target = a b
  public static Factor of(PackedMatrix b, Matrix target) {
    return new Factor(b, null, target);
  }
}
