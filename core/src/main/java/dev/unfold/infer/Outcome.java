package dev.unfold.infer;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.State;

/// What a network makes of inputs.
///
/// @param outputs net_y of all steps `[T*B, K]`
/// @param state after the last step
public record Outcome(Matrix outputs, State state) {}
