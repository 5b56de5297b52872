package dev.unfold.layer;

/// What a layer spends time on.
public enum Phase {
  /// Products of the input with its weights, for a chunk of steps at once, with what else leaves the time loop there.
  INPUT_PRODUCT,
  /// Products within the time loop, forward.
  FORWARD_PRODUCT,
  /// Pointwise operations within the time loop, forward.
  FORWARD_POINTWISE,
  /// Products within the time loop, backward.
  BACKWARD_PRODUCT,
  /// Pointwise operations within the time loop, backward.
  BACKWARD_POINTWISE,
  /// The input's derivative, for a chunk of steps at once, with what else leaves the time loop there.
  INPUT_GRADIENT,
  /// Sums over all rows: the derivatives of weights and vectors.
  PARAMETER_GRADIENTS,
  /// Waiting for the other threads.
  WAITING
}
