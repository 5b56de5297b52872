package dev.unfold.bench.problem;

/// What is measured.
public enum Task {
  /// Forward and full backward over T steps: gradients of weights, biases, input and initial state; no
  /// optimizer.
  TRAINING,
  /// T steps forward, one call each, the state fed back.
  INFERENCE
}
