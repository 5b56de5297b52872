package dev.unfold.plan;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// What of the forward step leaves the time loop: the products whose operand depends on x(t) alone, and all that
/// the operand is computed from.
final class Hoisting {
  private final Graph graph;
  private final Lowering lowering;
  private final Map<Integer, Boolean> needsState = new HashMap<>();
  private final Set<Integer> hoisted = new HashSet<>();

  Hoisting(Lowering lowering) {
    this.lowering = lowering;
    graph = lowering.graph;
    for (Group group : lowering.groups) {
      if (isHoisted(group)) {
        addWithAncestors(group.operand());
      }
    }
  }

  /// Whether the products of `group` leave the loop.
  boolean isHoisted(Group group) {
    return !needsState(group.operand());
  }

  /// Whether an operand that leaves the loop is, or is computed from, `node`.
  boolean isHoisted(int node) {
    return hoisted.contains(node);
  }

  private boolean needsState(int node) {
    Boolean known = needsState.get(node);
    if (known != null) {
      return known;
    }
    boolean needs =
        switch (graph.get(node)) {
          case Node.State s -> true;
          case Node.Apply apply -> needsState(apply.left()) || needsState(apply.right());
          case Node.Product product -> needsState(lowering.groups.get(product.group()).operand());
          default -> false;
        };
    needsState.put(node, needs);
    return needs;
  }

  private void addWithAncestors(int node) {
    if (!hoisted.add(node)) {
      return;
    }
    switch (graph.get(node)) {
      case Node.Apply apply -> {
        addWithAncestors(apply.left());
        addWithAncestors(apply.right());
      }
      case Node.Product product -> addWithAncestors(lowering.groups.get(product.group()).operand());
      default -> {}
    }
  }
}
