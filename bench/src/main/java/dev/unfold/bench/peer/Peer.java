package dev.unfold.bench.peer;

import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.TextProblem;
import java.util.Optional;

/// A library that computes recurrent layers.
public interface Peer {
  /// Library and version, and what of it computes.
  String version();

  /// Why it cannot compute this; empty if it can.
  Optional<String> refusal(Shape shape);

  /// All that is needed to compute `problem`.
  PeerStep open(Problem problem);

  /// All that is needed for whole training.
  default PeerStep open(TextProblem problem) {
    throw new IllegalStateException(version() + " at " + problem.shape());
  }

  /// Seconds for one floating-point operation at the machine's peak on all threads, if it can tell; else 0.
  ///
  /// @param warmup for how many seconds that is to be compiled before
  default double secondsPerOperation(double warmup) {
    return 0;
  }
}
