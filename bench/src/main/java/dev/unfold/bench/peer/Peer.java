package dev.unfold.bench.peer;

import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import java.util.Optional;

/// A library that computes recurrent layers.
public interface Peer {
  /// Library and version, and what of it computes.
  String version();

  /// Why it cannot compute this; empty if it can.
  Optional<String> refusal(Shape shape);

  /// All that is needed to compute `problem`.
  PeerStep open(Problem problem);
}
