package dev.unfold.net;

import dev.unfold.kernels.Matrix;

/// What a network makes of inputs.
///
/// @param outputs net_y of all steps `[T*B, K]`
/// @param state after the last step
public record Outcome(Matrix outputs, State state) {}
