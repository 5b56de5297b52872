package dev.unfold.plan;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/// Sorts the nodes of a step and its adjoint by who computes them and for how long.
///
/// The adjoint refers to values of the forward step; those are kept in sequences. A value that is one
/// cheap operation away from kept ones (1 - z, -a, the step of a relu, a multiple by a number of the row) is
/// computed again instead. What depends on parameters alone is derived from them once for each change of theirs,
/// and so is neither kept nor computed again.
final class Roles {
  /// Nodes of the forward step have lower indices than this, those of its adjoint have not.
  final int forwardNodes;

  private final Lowering lowering;
  private final Graph graph;
  private final Set<Integer> derived = new TreeSet<>();
  private final Set<Integer> kept = new TreeSet<>();
  private final Set<Integer> backward = new TreeSet<>();

  Roles(Lowering lowering, Adjoint adjoint) {
    this.lowering = lowering;
    graph = lowering.graph;
    forwardNodes = adjoint.forwardNodes;
    findDerived();
    adjoint.deltas.forEach(signals -> signals.forEach(this::visitBackward));
    adjoint.carries.forEach(this::visitBackward);
    visitBackward(adjoint.input);
    adjoint.vectors.forEach(vector -> visitBackward(vector.node()));
  }

  /// Pointwise forward nodes that depend on parameters alone, in rising order.
  Set<Integer> derived() {
    return Collections.unmodifiableSet(derived);
  }

  boolean isDerived(int node) {
    return derived.contains(node);
  }

  /// Forward nodes that the backward direction reads, in rising order.
  Set<Integer> kept() {
    return Collections.unmodifiableSet(kept);
  }

  boolean isKept(int node) {
    return kept.contains(node);
  }

  /// Whether `node` is a pointwise node that the backward direction computes.
  boolean isBackward(int node) {
    return backward.contains(node);
  }

  /// Says that the backward direction computes `copy` too.
  void addBackward(int copy) {
    backward.add(copy);
  }

  /// Whether `node` is the operand of a product, which its weight gradient reads for all steps.
  boolean isOperand(int node) {
    return lowering.groups.stream().anyMatch(group -> group.operand() == node);
  }

  private void findDerived() {
    for (int node = 0; node < forwardNodes; node++) {
      if (graph.get(node) instanceof Node.Apply apply
          && !isKeptAnyway(node)
          && isOfParameters(apply.left())
          && isOfParameters(apply.right())) {
        derived.add(node);
      }
    }
  }

  private boolean isOfParameters(int node) {
    return isDerived(node)
        || graph.get(node) instanceof Node.Vector
        || graph.get(node) instanceof Node.Constant;
  }

  private void visitBackward(int node) {
    if (node == Adjoint.NONE || isDerived(node) || isBackward(node)) {
      return;
    }
    switch (graph.get(node)) {
      case Node.Apply apply -> {
        if (node < forwardNodes && (!isCheap(apply) || isKeptAnyway(node))) {
          kept.add(node);
        } else {
          backward.add(node);
          visitBackward(apply.left());
          visitBackward(apply.right());
        }
      }
      case Node.Product product -> kept.add(node);
      default -> {}
    }
  }

  private boolean isCheap(Node.Apply apply) {
    return switch (apply.op()) {
      case ONE_MINUS, NEGATE, STEP, SPREAD -> true;
      case MULTIPLY -> graph.isSpread(apply.left()) || graph.isSpread(apply.right());
      default -> false;
    };
  }

  private boolean isKeptAnyway(int node) {
    return lowering.next.contains(node) || node == lowering.output || isOperand(node);
  }
}
