package dev.unfold.plan;

import dev.unfold.kernels.Pointwise.Op;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The adjoint of one step: derivatives of the loss from those with respect to the output ([Node.OutputGradient]) and
/// to the states after the step ([Node.Carry]). Immutable.
///
/// Its graph begins with the nodes of the forward step, under the same indices, so that derivatives can refer to
/// values. A [Node.BackProduct] reads the error signals and the matrix of its [Group]. The gradient of that matrix
/// needs no node: it is the sum over steps and rows of delta times operand.
///
/// @param graph the nodes of the step, then those of its adjoint
/// @param forwardNodes how many belong to the step
/// @param deltas the error signals of each group, a node for each of its slices
/// @param carries for each state the derivative with respect to its value before the step
/// @param input the derivative with respect to the input
/// @param vectors the derivatives of parameter vectors, each at one step and one row of the batch
public record AdjointStep(
    Graph graph,
    int forwardNodes,
    List<List<Integer>> deltas,
    List<Integer> carries,
    int input,
    List<VectorGradient> vectors) {

  /// The derivative `node` of the numbers from `from` on of parameter `parameter`.
  public record VectorGradient(int parameter, int from, int node) {}

  /// Copies the lists.
  public AdjointStep {
    deltas = deltas.stream().map(List::copyOf).toList();
    carries = List.copyOf(carries);
    vectors = List.copyOf(vectors);
  }

  /// Whether all matrices have one and the same error signal, which is the derivative of all vectors too.
  public boolean hasOneSignal() {
    Set<Integer> signals = new HashSet<>();
    deltas.forEach(own -> own.forEach(node -> signals.add(copied(node))));
    vectors.forEach(vector -> signals.add(copied(vector.node())));
    return signals.size() == 1;
  }

  /// What `node` is a copy of.
  private int copied(int node) {
    return graph.get(node) instanceof Node.Apply apply && apply.op() == Op.COPY
        ? copied(apply.left())
        : node;
  }

  /// Whether `node` is computed by the forward step.
  boolean isForward(int node) {
    return node < forwardNodes;
  }

  /// What the derivatives of parameters are made from.
  Set<Integer> ancestorsOfParameters() {
    Set<Integer> ancestors = new HashSet<>();
    deltas.forEach(signals -> addWithAncestors(signals, ancestors));
    vectors.forEach(vector -> addWithAncestors(vector.node(), ancestors));
    return ancestors;
  }

  /// What the derivatives of states are made from: it stays in the time loop.
  Set<Integer> ancestorsOfStates() {
    Set<Integer> ancestors = new HashSet<>();
    addWithAncestors(carries, ancestors);
    return ancestors;
  }

  private void addWithAncestors(Collection<Integer> nodes, Set<Integer> ancestors) {
    nodes.forEach(node -> addWithAncestors(node, ancestors));
  }

  private void addWithAncestors(int node, Set<Integer> ancestors) {
    if (node == Node.NONE || !ancestors.add(node)) {
      return;
    }
    switch (graph.get(node)) {
      case Node.Apply apply -> {
        addWithAncestors(apply.left(), ancestors);
        addWithAncestors(apply.right(), ancestors);
      }
      case Node.BackProduct product -> addWithAncestors(deltas.get(product.group()), ancestors);
      default -> {}
    }
  }
}
