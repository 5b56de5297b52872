package dev.unfold.bench.peer;

import dev.unfold.bench.problem.Tensors;

/// What is timed: a training step, T steps of inference, or an update.
public interface PeerStep {
  /// Which of the library's implementations computes, if it tells.
  default String implementation() {
    return "";
  }

  /// How many floating-point operations its products take, if it can tell; else 0.
  default double operations() {
    return 0;
  }

  /// Brings the weights into the layout of the computation, as after an update. Counts as a part of the step. Most
  /// libraries have no such phase of their own.
  default void layOut() {}

  /// Computes.
  void run();

  /// What the last [#run] computed.
  Tensors results();
}
