package dev.unfold.plan;

import dev.unfold.kernels.Pointwise.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Collects the nodes of a [Graph]. Equal nodes are one.
final class GraphBuilder {
  private final List<Node> nodes = new ArrayList<>();
  private final Map<Node, Integer> indices = new HashMap<>();

  /// Starts with nothing.
  GraphBuilder() {}

  /// Starts with the nodes of `graph`, which keep their indices.
  GraphBuilder(Graph graph) {
    for (Node node : graph.nodes()) {
      indices.putIfAbsent(node, nodes.size());
      nodes.add(node);
    }
  }

  /// What has been collected.
  Graph build() {
    return new Graph(nodes);
  }

  /// The index of `node`, which is added if it is new.
  int add(Node node) {
    return indices.computeIfAbsent(
        node,
        n -> {
          nodes.add(n);
          return nodes.size() - 1;
        });
  }

  /// A new node even if there is an equal one: a copy of `argument` that can have a place of its own.
  int copyOf(int argument) {
    return copyOf(argument, width(argument));
  }

  /// The same, for `width` numbers: a constant fills them all.
  int copyOf(int argument, int width) {
    nodes.add(new Node.Apply(Op.COPY, argument, argument, width));
    return nodes.size() - 1;
  }

  /// An operation. What all units have alike is computed once and then spread, the inverse of a divisor too.
  int apply(Op op, int left, int right) {
    if (areAlike(left, right)) {
      int alike = isSpread(left) ? left : right;
      return spreadAs(alike, apply(op, unspread(left), unspread(right)));
    }
    if (op == Op.DIVIDE && isSpread(right)) {
      int inverse = apply(op, constant(1), unspread(right));
      return apply(Op.MULTIPLY, left, spreadAs(right, inverse));
    }
    return add(new Node.Apply(op, left, right, Math.max(width(left), width(right))));
  }

  int apply(Op op, int argument) {
    return apply(op, argument, argument);
  }

  int times(int left, int right) {
    return apply(Op.MULTIPLY, left, right);
  }

  /// The sum over the units of `argument`.
  int sum(int argument) {
    int width = width(argument);
    if (width == 1) {
      return argument;
    }
    if (get(argument) instanceof Node.Apply spread
        && spread.op() == Op.SPREAD
        && spread.axis() == null) {
      return apply(Op.MULTIPLY, spread.left(), constant(width));
    }
    return get(argument) instanceof Node.Apply apply && apply.op() == Op.NEGATE
        ? apply(Op.NEGATE, sum(apply.left()))
        : add(new Node.Apply(Op.SUM, argument, argument, 1));
  }

  /// The number `argument` for each of `width` units.
  int spread(int argument, int width) {
    return width(argument) == width
        ? argument
        : add(new Node.Apply(Op.SPREAD, argument, argument, width));
  }

  /// The sum along `axis` of `argument`.
  int sum(int argument, Axis axis) {
    if (axis.count() == 1) {
      return argument;
    }
    if (axis.rest() == 1) {
      return sum(argument);
    }
    if (get(argument) instanceof Node.Apply apply) {
      if (apply.op() == Op.SPREAD && apply.axis() != null) {
        Axis other = apply.axis();
        if (axis.equals(other)) {
          return apply(Op.MULTIPLY, apply.left(), constant(axis.count()));
        }
        if (axis.isAcross(other)) {
          int sum = sum(apply.left(), axis.outerUnits());
          return spread(sum, new Axis(axis.outer(), axis.inner(), 1));
        }
        if (other.isAcross(axis)) {
          int sum = sum(apply.left(), new Axis(other.outer(), other.inner(), 1));
          return spread(sum, other.outerUnits());
        }
      }
      if (apply.op() == Op.NEGATE) {
        return apply(Op.NEGATE, sum(apply.left(), axis));
      }
    }
    return add(new Node.Apply(Op.SUM, argument, argument, axis.rest(), axis));
  }

  /// The numbers of `argument` along `axis`.
  int spread(int argument, Axis axis) {
    if (axis.count() == 1 || get(argument) instanceof Node.Constant) {
      return argument;
    }
    return axis.rest() == 1
        ? spread(argument, axis.whole())
        : add(new Node.Apply(Op.SPREAD, argument, argument, axis.whole(), axis));
  }

  /// `argument` as the spread `like` has its own.
  private int spreadAs(int like, int argument) {
    Node.Apply spread = (Node.Apply) get(like);
    return spread.axis() == null
        ? spread(argument, spread.width())
        : spread(argument, spread.axis());
  }

  /// Whether both are spreads along the same, or one is, and the other a constant.
  private boolean areAlike(int left, int right) {
    if (isSpread(left) && isSpread(right)) {
      Node.Apply one = (Node.Apply) get(left);
      Node.Apply other = (Node.Apply) get(right);
      return one.width() == other.width() && Objects.equals(one.axis(), other.axis());
    }
    return (isSpread(left) && get(right) instanceof Node.Constant)
        || (isSpread(right) && get(left) instanceof Node.Constant);
  }

  private boolean isSpread(int node) {
    return unspread(node) != node;
  }

  private int unspread(int node) {
    return get(node) instanceof Node.Apply apply && apply.op() == Op.SPREAD ? apply.left() : node;
  }

  int constant(double value) {
    return add(new Node.Constant(value));
  }

  Node get(int index) {
    return nodes.get(index);
  }

  int width(int index) {
    return nodes.get(index).width();
  }

  int size() {
    return nodes.size();
  }
}
