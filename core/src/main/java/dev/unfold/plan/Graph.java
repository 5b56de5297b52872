package dev.unfold.plan;

import dev.unfold.kernels.Pointwise.Op;
import java.util.List;

/// The values of a step in an order in which they can be computed: a node reads nodes of lower index alone. Immutable.
///
/// @param nodes a value's index in this list is its name everywhere
public record Graph(List<Node> nodes) {
  /// Copies the list.
  public Graph {
    nodes = List.copyOf(nodes);
  }

  /// The node of index `index`.
  public Node get(int index) {
    return nodes.get(index);
  }

  /// How many numbers node `index` has.
  public int width(int index) {
    return get(index).width();
  }

  /// How many nodes there are.
  public int size() {
    return nodes.size();
  }

  /// Whether node `index` is one number for several units, or one for several along an axis.
  boolean isSpread(int index) {
    return get(index) instanceof Node.Apply apply && apply.op() == Op.SPREAD;
  }
}
