package dev.unfold.run.session;

import dev.unfold.kernels.storage.Matrix;

/// What a model said of the rows that a session read.
///
/// @param version that of the model that said it
/// @param step how many rows the session has read by now
/// @param outputs net_y of each row, `[T, K]`; nobody else's
public record Answer(String version, long step, Matrix outputs) {}
