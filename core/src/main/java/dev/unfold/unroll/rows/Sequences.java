package dev.unfold.unroll.rows;

import dev.unfold.layer.Sequence;

/// Numbers for each step, and the derivatives with respect to them.
///
/// @param values the numbers
/// @param gradients the derivatives
public record Sequences(Sequence values, Sequence gradients) {}
