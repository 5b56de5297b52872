package dev.unfold.plan;

/// The parts of a pass over T steps, in the order in which they run.
enum Part {
  /// Once for each change of the parameters.
  PREPARATION,
  /// Before the steps, for the rows of many at once.
  PROLOGUE,
  /// Each step, for t = 0..T-1.
  FORWARD,
  /// The adjoint of each step, for t = T-1..0.
  BACKWARD,
  /// After the adjoint, for the rows of many steps at once.
  LATE,
  /// After that, if the input's derivative is wanted.
  EPILOGUE;

  /// Whether it runs on the rows of many steps at once: its values live in sequences, not in a step's scratch.
  boolean isOfAllSteps() {
    return this == PROLOGUE || this == LATE || this == EPILOGUE;
  }
}
