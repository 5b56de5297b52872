package dev.unfold.bench.problem;

import java.util.Locale;

/// What is measured.
public enum Task {
  /// Forward and full backward over T steps: gradients of weights, biases, input and initial state; no
  /// optimizer.
  TRAINING,
  /// T steps forward, one call each, the state fed back.
  INFERENCE,
  /// One update of a language model: embedding, layer, readout and softmax cross-entropy over T steps, the gradients of
  /// all parameters, clipped by their norm, and Adam.
  WHOLE_TRAINING;

  /// How many steps are compared: of training the first ones, since each starts from what the one before has changed.
  public int checkedSteps() {
    return this == WHOLE_TRAINING ? 3 : 1;
  }

  /// As users write it.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
