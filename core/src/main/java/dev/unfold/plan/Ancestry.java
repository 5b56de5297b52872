package dev.unfold.plan;

import java.util.HashSet;
import java.util.Set;

/// Which results of the backward direction a node has a part in.
final class Ancestry {
  private final Graph graph;
  private final Adjoint adjoint;
  private final Set<Integer> ofParameters = new HashSet<>();
  private final Set<Integer> ofStates = new HashSet<>();

  Ancestry(Graph graph, Adjoint adjoint) {
    this.graph = graph;
    this.adjoint = adjoint;
    adjoint.deltas.forEach(signals -> signals.forEach(n -> add(n, ofParameters)));
    adjoint.vectors.forEach(vector -> add(vector.node(), ofParameters));
    adjoint.carries.forEach(node -> add(node, ofStates));
  }

  /// Whether the derivatives of parameters are made from `node`.
  boolean feedsParameters(int node) {
    return ofParameters.contains(node);
  }

  /// Whether the derivatives of states are made from `node`, so that it stays in the time loop.
  boolean feedsStates(int node) {
    return ofStates.contains(node);
  }

  /// Says that the derivatives of parameters are made from `copy` too.
  void addToParameters(int copy) {
    ofParameters.add(copy);
  }

  private void add(int node, Set<Integer> ancestors) {
    if (node == Adjoint.NONE || !ancestors.add(node)) {
      return;
    }
    switch (graph.get(node)) {
      case Node.Apply apply -> {
        add(apply.left(), ancestors);
        add(apply.right(), ancestors);
      }
      case Node.BackProduct product ->
          adjoint.deltas.get(product.group()).forEach(n -> add(n, ancestors));
      default -> {}
    }
  }
}
