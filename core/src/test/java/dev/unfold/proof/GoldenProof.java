package dev.unfold.proof;

import dev.unfold.kernels.Kernels;

/// Something in a golden case that can be run here. It is made by reading all that it needs, so that a case
/// that is not in order is known before anything runs.
interface GoldenProof {
  /// What sort of case it is.
  String kind();

  /// Computes the same on `kernels` and compares.
  void run(Kernels kernels, Comparison comparison);
}
