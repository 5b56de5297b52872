package dev.unfold.plan;

import dev.unfold.kernels.Pointwise.Op;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/// Which spreads along an axis are made by each program that reads them, and so are no values of their own: a spread
/// costs a program nothing, but memory for a matrix would cost as much as a state's.
///
/// One is not inlined if something else than a program needs it, if a program of another part reads it, or one that
/// sees the numbers of a row in another way.
final class Inlining {
  private final Graph graph;
  private final IntFunction<Part> partOf;
  private final BitSet inlined = new BitSet();

  private Inlining(Graph graph, IntFunction<Part> partOf) {
    this.graph = graph;
    this.partOf = partOf;
  }

  /// Those among the pointwise nodes `computed`.
  ///
  /// @param partOf the part of each node
  /// @param needed nodes that need a place
  static BitSet of(Graph graph, BitSet computed, IntFunction<Part> partOf, BitSet needed) {
    Inlining inlining = new Inlining(graph, partOf);
    computed.stream()
        .filter(node -> inlining.spread(node).isPresent() && !needed.get(node))
        .forEach(inlining.inlined::set);
    computed.stream().forEach(inlining::read);
    return inlining.inlined;
  }

  private Optional<Node.Apply> spread(int node) {
    return graph.get(node) instanceof Node.Apply apply
            && apply.op() == Op.SPREAD
            && apply.axis() != null
        ? Optional.of(apply)
        : Optional.empty();
  }

  /// Takes those out that `reader` cannot make.
  private void read(int reader) {
    Node.Apply apply = (Node.Apply) graph.get(reader);
    List<Integer> spreads =
        List.of(apply.left(), apply.right()).stream().filter(inlined::get).toList();
    if (!spreads.isEmpty() && !canMake(reader, apply, spreads)) {
      spreads.forEach(inlined::clear);
    }
  }

  private boolean canMake(int reader, Node.Apply apply, List<Integer> spreads) {
    boolean isAcross = apply.op() == Op.SPREAD || (apply.op() == Op.SUM && apply.axis() == null);
    if (isAcross || spreads.stream().anyMatch(each -> isElsewhere(reader, each))) {
      return false;
    }
    Optional<HeadShape> shape = Optional.ofNullable(apply.axis()).map(HeadShape::along);
    for (int each : spreads) {
      HeadShape own = HeadShape.along(spread(each).orElseThrow().axis());
      shape = shape.isEmpty() ? Optional.of(own) : shape.get().and(own);
      if (shape.isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private boolean isElsewhere(int reader, int spread) {
    return partOf.apply(reader) != partOf.apply(spread);
  }
}
