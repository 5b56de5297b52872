package dev.unfold.plan;

/// How much of time one run of a schedule's part covers.
enum Span {
  /// One step: a value may live in a step buffer.
  STEP,
  /// The rows of many steps at once: a value lives in a sequence.
  ALL_STEPS
}
