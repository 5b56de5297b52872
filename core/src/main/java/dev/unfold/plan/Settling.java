package dev.unfold.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Gives each result of the adjoint step a node that can be computed right where the result belongs. What is a leaf, or
/// zero, or a product that another result has already, is copied; error signals are nodes of their own already.
final class Settling {
  private final AdjointStep adjoint;
  private final GraphBuilder graph;

  /// Products that are a result already.
  private final Set<Integer> taken = new HashSet<>();

  private Settling(AdjointStep adjoint) {
    this.adjoint = adjoint;
    graph = new GraphBuilder(adjoint.graph());
  }

  static AdjointStep settle(ForwardStep step, AdjointStep adjoint) {
    return new Settling(adjoint).settle(step);
  }

  private AdjointStep settle(ForwardStep step) {
    List<Integer> carries = new ArrayList<>();
    for (int s = 0; s < adjoint.carries().size(); s++) {
      carries.add(own(adjoint.carries().get(s), step.states().get(s).width()));
    }
    int input = input(step.sizes().input());
    List<AdjointStep.VectorGradient> vectors = adjoint.vectors().stream().map(this::own).toList();
    return new AdjointStep(
        graph.build(), adjoint.forwardNodes(), adjoint.deltas(), carries, input, vectors);
  }

  private int own(int node, int width) {
    if (node == Node.NONE) {
      return graph.copyOf(graph.constant(0), width);
    }
    boolean free =
        switch (graph.get(node)) {
          case Node.Apply a -> true;
          case Node.BackProduct b -> taken.add(node);
          default -> false;
        };
    return free ? node : graph.copyOf(node);
  }

  /// The input's derivative is computed after the loop, and only if it is wanted: nothing else may be made from it.
  private int input(int width) {
    int input = adjoint.input();
    boolean needed =
        adjoint.ancestorsOfStates().contains(input)
            || adjoint.ancestorsOfParameters().contains(input);
    return needed ? graph.copyOf(input) : own(input, width);
  }

  /// What is summed over all rows is put where it is there for all steps, and may be several vectors' derivative.
  private AdjointStep.VectorGradient own(AdjointStep.VectorGradient vector) {
    int node = vector.node();
    boolean free =
        switch (graph.get(node)) {
          case Node.Apply a -> true;
          case Node.BackProduct b -> !taken.contains(node);
          case Node.OutputGradient g -> true;
          default -> false;
        };
    return free
        ? vector
        : new AdjointStep.VectorGradient(vector.parameter(), vector.from(), graph.copyOf(node));
  }
}
