package dev.unfold.bench.problem;

/// What the states are before the first step.
public enum Start {
  /// Drawn like the input.
  RANDOM,
  /// Zero, for what cannot start from anything else.
  ZERO
}
