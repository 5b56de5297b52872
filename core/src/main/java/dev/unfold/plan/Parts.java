package dev.unfold.plan;

import java.util.List;

/// Which part computes which node.
///
/// @param forward for each node of the forward step, where the forward direction computes it
/// @param backward for each node of the adjoint step, where the backward direction does; a forward node may be
///     computed there again
record Parts(List<Part> forward, List<Part> backward) {
  Parts {
    forward = List.copyOf(forward);
    backward = List.copyOf(backward);
  }

  Part ofForward(int node) {
    return forward.get(node);
  }

  /// A copy that was added later belongs to the loop: that is why it was made.
  Part ofBackward(int node) {
    return node < backward.size() ? backward.get(node) : Part.BACKWARD;
  }
}
