package dev.unfold.plan;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Chooses what is kept.
///
/// The adjoint refers to values of the forward step; those are kept in sequences. A value that is one cheap operation
/// away from kept ones (1 - z, -a, the step of a relu, a multiple by a number of the row or of an axis) is computed
/// again. What was prepared is there anyway.
final class Keeping {
  private final ForwardStep step;
  private final AdjointStep adjoint;
  private final Parts parts;
  private final GraphBuilder graph;
  private final Set<Integer> kept = new TreeSet<>();
  private final Set<Integer> backward = new TreeSet<>();
  private final Map<Integer, Integer> forAllSteps = new HashMap<>();

  private Keeping(ForwardStep step, AdjointStep adjoint, Parts parts) {
    this.step = step;
    this.adjoint = adjoint;
    this.parts = parts;
    graph = new GraphBuilder(adjoint.graph());
  }

  static Kept keep(ForwardStep step, AdjointStep adjoint, Parts parts) {
    return new Keeping(step, adjoint, parts).kept();
  }

  private Kept kept() {
    adjoint.deltas().forEach(signals -> signals.forEach(this::visit));
    adjoint.carries().forEach(this::visit);
    visit(adjoint.input());
    adjoint.vectors().forEach(vector -> visit(vector.node()));
    for (int node = 0; node < adjoint.graph().size(); node++) {
      if (graph.get(node) instanceof Node.Apply apply
          && backward.contains(node)
          && parts.ofBackward(node) != Part.BACKWARD) {
        keepForAllSteps(apply.left(), parts.ofBackward(node));
        keepForAllSteps(apply.right(), parts.ofBackward(node));
      }
    }
    return new Kept(
        graph.build(),
        Collections.unmodifiableSet(kept),
        Collections.unmodifiableSet(backward),
        Collections.unmodifiableMap(forAllSteps));
  }

  /// The backward direction needs `node`: of the forward step it is kept or computed again, else it is computed.
  private void visit(int node) {
    if (backward.contains(node)) {
      return;
    }
    switch (graph.get(node)) {
      case Node.Apply apply -> {
        boolean forward = adjoint.isForward(node);
        if (forward && parts.ofForward(node) == Part.PREPARATION) {
          return;
        }
        if (forward && (!isCheap(apply) || step.isNeededAnyway(node))) {
          kept.add(node);
        } else {
          backward.add(node);
          visit(apply.left());
          visit(apply.right());
        }
      }
      case Node.Product product -> kept.add(node);
      default -> {}
    }
  }

  private boolean isCheap(Node.Apply apply) {
    Graph forward = step.graph();
    return switch (apply.op()) {
      case ONE_MINUS, NEGATE, STEP, SPREAD -> true;
      case MULTIPLY -> forward.isSpread(apply.left()) || forward.isSpread(apply.right());
      default -> false;
    };
  }

  /// Sees to it that `reader`, which covers many steps, finds an argument that an earlier part computes at each step.
  private void keepForAllSteps(int argument, Part reader) {
    boolean computed =
        switch (graph.get(argument)) {
          case Node.Apply a -> backward.contains(argument);
          case Node.Carry c -> true;
          case Node.BackProduct b -> true;
          default -> false;
        };
    if (computed && parts.ofBackward(argument) != reader && !forAllSteps.containsKey(argument)) {
      forAllSteps.put(argument, ofAllSteps(argument));
    }
  }

  /// What arrives from the step after it, and a product that is needed within its step, have a place for one step.
  private int ofAllSteps(int argument) {
    boolean hasRoom =
        switch (graph.get(argument)) {
          case Node.Apply a -> true;
          case Node.BackProduct b ->
              parts.ofBackward(argument) != Part.BACKWARD
                  || adjoint.vectors().stream().anyMatch(vector -> vector.node() == argument);
          default -> false;
        };
    if (hasRoom) {
      return argument;
    }
    int copy = graph.copyOf(argument);
    backward.add(copy);
    return copy;
  }
}
