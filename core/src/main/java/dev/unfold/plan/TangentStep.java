package dev.unfold.plan;

import java.util.Collections;
import java.util.List;

/// The tangent of a step, or of a step with its adjoint: how all values change along a direction of what they are made
/// from. Immutable.
///
/// A direction is a change for each leaf: of the input, of the states before the step, of the parameters, and for an
/// adjoint of what arrives at it. That of a leaf is the node [Node.Tangent]. Parameters count twice: those of the step,
/// P of them, and after them the directions of the same; a [Group] names either by its index.
///
/// - Of a step: D(t) v with v for the direction of the states and zeros elsewhere, where D(t) = ds(t)/ds(t-1); the
///   immediate influence times a direction of the parameters, likewise.
/// - Of an adjoint: how the derivatives change, so the Hessian times the direction.
///
/// Its graph begins with the nodes that were differentiated, under the same indices, as its groups begin with theirs.
/// Beside group g of G there are group G + 2 g with its matrix and the tangent of its operand, and the one after it
/// with the direction of the matrix and its operand.
///
/// @param graph the nodes, then those of their tangents
/// @param tangents for each of these nodes that of its tangent; [Node#NONE] if that is zero
/// @param groups the matrices
/// @param deltas the error signals of each group; none if a step without its adjoint was differentiated
public record TangentStep(
    Graph graph, List<Integer> tangents, List<Group> groups, List<List<Integer>> deltas) {
  /// Copies the lists.
  public TangentStep {
    tangents = List.copyOf(tangents);
    groups = List.copyOf(groups);
    deltas = deltas.stream().map(List::copyOf).toList();
  }

  /// The tangent of a step.
  public static TangentStep of(ForwardStep step) {
    List<Group> groups = step.groups();
    return Tangent.differentiate(
        step.graph(), groups, Tangent.noSignals(groups.size()), step.parameters().size());
  }

  /// The tangent of a step and of its adjoint.
  public static TangentStep of(ForwardStep step, AdjointStep adjoint) {
    return Tangent.differentiate(
        adjoint.graph(), step.groups(), adjoint.deltas(), step.parameters().size());
  }

  /// A step without tangents, for who walks both alike: all are zero.
  public static TangentStep none(ForwardStep step) {
    return none(step.graph(), step.groups(), Tangent.noSignals(step.groups().size()));
  }

  /// The same for a step with its adjoint.
  public static TangentStep none(ForwardStep step, AdjointStep adjoint) {
    return none(adjoint.graph(), step.groups(), adjoint.deltas());
  }

  private static TangentStep none(Graph graph, List<Group> groups, List<List<Integer>> deltas) {
    return new TangentStep(graph, Collections.nCopies(graph.size(), Node.NONE), groups, deltas);
  }

  /// The node of the tangent of `node`, or [Node#NONE].
  public int of(int node) {
    return tangents.get(node);
  }
}
