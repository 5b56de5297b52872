package dev.unfold.tangent;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.plan.Node;
import dev.unfold.plan.walk.GraphWalk;

/// Numbers and how they change along a direction.
///
/// @param value the numbers
/// @param tangent of the same shape
record Dual(Matrix value, Matrix tangent) {
  /// One of the two.
  enum Part {
    VALUE,
    TANGENT
  }

  Matrix part(Part part) {
    return switch (part) {
      case VALUE -> value;
      case TANGENT -> tangent;
    };
  }

  static Dual zeros(Kernels kernels, int rows, int cols) {
    return new Dual(kernels.allocate(rows, cols), kernels.allocate(rows, cols));
  }

  Dual rows(int from, int count) {
    return new Dual(value.rows(from, count), tangent.rows(from, count));
  }

  Dual columns(int from, int count) {
    return new Dual(value.columns(from, count), tangent.columns(from, count));
  }

  /// Gives it to a leaf.
  void putTo(GraphWalk walk, Node leaf) {
    walk.put(leaf, value);
    walk.put(new Node.Tangent(leaf), tangent);
  }

  /// Takes over a node's value and its tangent, [Node#NONE] for zeros.
  void take(GraphWalk walk, int node, int tangentNode) {
    value.copy(walk.value(node));
    if (tangentNode == Node.NONE) {
      tangent.clear();
    } else {
      tangent.copy(walk.value(tangentNode));
    }
  }
}
