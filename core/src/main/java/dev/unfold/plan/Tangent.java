package dev.unfold.plan;

import dev.unfold.kernels.Pointwise.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// The tangent of a graph of a step by forward-mode differentiation: with da for the derivative of a value a along a
/// given direction of all leaves, y = op(a, b) has dy = dy/da da + dy/db db.
///
/// Going through the nodes in their order, each gets its own tangent from those of its arguments. For products,
///
///     net = W o         dnet = W do + dW o
///     do = W^T delta    d(do) = W^T d(delta) + dW^T delta
///
/// so that a group has two more beside it, one with its matrix and the tangent of its operand, one with the tangent of
/// its matrix and its operand. Nothing else tells the adjoint of a step from the step: both are graphs, and the tangent
/// of the adjoint gives second derivatives. The slope of a slope is there as well: [Op#STEP] has none, and so relu has
/// no second derivative.
///
/// **Source**: the chain rule; forward over reverse for products with the Hessian is of B. Pearlmutter, Fast exact
/// multiplication by the Hessian, Neural Computation 6(1), 1994.
final class Tangent {
  private final List<Group> groups;
  private final List<List<Integer>> deltas;
  private final int parameters;
  private final GraphBuilder graph;

  /// For each node of the graph that of its tangent as far as it is known, or [Node#NONE] for zero.
  private final int[] tangents;

  private Tangent(Graph of, List<Group> groups, List<List<Integer>> deltas, int parameters) {
    this.groups = groups;
    this.deltas = deltas;
    this.parameters = parameters;
    graph = new GraphBuilder(of);
    tangents = new int[of.size()];
    Arrays.fill(tangents, Node.NONE);
  }

  /// @param of the graph of a step, or of its adjoint
  /// @param groups its matrices
  /// @param deltas the error signals of each group, as far as there are any
  /// @param parameters how many parameters the step has
  static TangentStep differentiate(
      Graph of, List<Group> groups, List<List<Integer>> deltas, int parameters) {
    Tangent tangent = new Tangent(of, groups, deltas, parameters);
    for (int node = 0; node < of.size(); node++) {
      tangent.tangents[node] = tangent.of(node, of.get(node));
    }
    return tangent.result();
  }

  private int of(int node, Node value) {
    return switch (value) {
      case Node.Input leaf -> graph.add(new Node.Tangent(leaf));
      case Node.State leaf -> graph.add(new Node.Tangent(leaf));
      case Node.Vector leaf -> graph.add(new Node.Tangent(leaf));
      case Node.Carry leaf -> graph.add(new Node.Tangent(leaf));
      case Node.OutputGradient leaf -> graph.add(new Node.Tangent(leaf));
      case Node.Tangent leaf ->
          throw new IllegalArgumentException("node: expected one that is no tangent, got " + leaf);
      case Node.Noise _, Node.Constant _ -> Node.NONE;
      case Node.Apply apply -> of(node, apply);
      case Node.Product product -> {
        int base = product.onto() == Node.NONE ? Node.NONE : tangents[product.onto()];
        yield turned(product, moved(product, base));
      }
      case Node.BackProduct product -> {
        signals(product.group());
        int moved = graph.add(new Node.BackProduct(movedGroup(product.group()), product.width()));
        int turned = graph.add(new Node.BackProduct(turnedGroup(product.group()), product.width()));
        yield graph.apply(Op.ADD, moved, turned);
      }
    };
  }

  /// The tangent of y = op(a, b).
  private int of(int y, Node.Apply apply) {
    int da = tangents[apply.left()];
    int db = tangents[apply.right()];
    return switch (apply.op()) {
      case ADD -> sum(da, db);
      case SUBTRACT -> difference(da, db);
      case MULTIPLY -> {
        if (apply.left() == apply.right()) {
          yield scaled(scaled(da, graph.constant(2)), apply.left());
        }
        yield sum(scaled(da, apply.right()), scaled(db, apply.left()));
      }
      case DIVIDE -> {
        int numerator = difference(da, scaled(db, y));
        yield numerator == Node.NONE ? Node.NONE : graph.apply(Op.DIVIDE, numerator, apply.right());
      }
      case SUM -> da == Node.NONE ? da : sumOf(da, apply.axis());
      case SPREAD -> da == Node.NONE ? da : spreadOf(da, apply);
      case COPY, NEGATE, ONE_MINUS, SIGMOID, TANH, RELU, STEP, EXP, LOG, SOFTPLUS, SQRT ->
          da == Node.NONE ? da : Slope.times(graph, y, apply, da);
    };
  }

  private int sum(int left, int right) {
    if (left == Node.NONE || right == Node.NONE) {
      return left == Node.NONE ? right : left;
    }
    return graph.apply(Op.ADD, left, right);
  }

  private int sumOf(int tangent, Axis axis) {
    return axis == null ? graph.sum(tangent) : graph.sum(tangent, axis);
  }

  private int spreadOf(int tangent, Node.Apply apply) {
    return apply.axis() == null
        ? graph.spread(tangent, apply.width())
        : graph.spread(tangent, apply.axis());
  }

  private int difference(int left, int right) {
    if (right == Node.NONE) {
      return left;
    }
    return left == Node.NONE
        ? graph.apply(Op.NEGATE, right)
        : graph.apply(Op.SUBTRACT, left, right);
  }

  private int scaled(int tangent, int factor) {
    return tangent == Node.NONE ? tangent : graph.times(tangent, factor);
  }

  /// W do, added to the tangent of what the product is added to.
  private int moved(Node.Product product, int base) {
    if (tangents[groups.get(product.group()).operand()] == Node.NONE) {
      return base;
    }
    int group = movedGroup(product.group());
    return graph.add(new Node.Product(group, product.from(), product.width(), base));
  }

  /// dW o, added to that.
  private int turned(Node.Product product, int base) {
    int group = turnedGroup(product.group());
    return graph.add(new Node.Product(group, product.from(), product.width(), base));
  }

  private int movedGroup(int group) {
    return groups.size() + 2 * group;
  }

  private int turnedGroup(int group) {
    return groups.size() + 2 * group + 1;
  }

  /// The tangents of a group's error signals.
  private List<Integer> signals(int group) {
    List<Integer> signals = new ArrayList<>();
    for (int delta : deltas.get(group)) {
      signals.add(tangents[delta] == Node.NONE ? zeros(graph.width(delta)) : tangents[delta]);
    }
    return signals;
  }

  private int zeros(int width) {
    int zero = graph.constant(0);
    return graph.add(new Node.Apply(Op.COPY, zero, zero, width));
  }

  private TangentStep result() {
    List<Group> all = new ArrayList<>(groups);
    List<List<Integer>> signals = new ArrayList<>(deltas);
    for (int g = 0; g < groups.size(); g++) {
      Group group = groups.get(g);
      int operand = tangents[group.operand()];
      all.add(beside(group, operand, group.weight()));
      all.add(beside(group, group.operand(), parameters + group.weight()));
      signals.add(signals(g));
      signals.add(deltas.get(g));
    }
    return new TangentStep(graph.build(), Arrays.stream(tangents).boxed().toList(), all, signals);
  }

  private static Group beside(Group group, int operand, int weight) {
    return new Group(
        group.name(),
        operand,
        group.operandWidth(),
        group.rows(),
        weight,
        group.heads(),
        group.slices());
  }

  /// No error signals at all, for the graph of a step alone.
  static List<List<Integer>> noSignals(int groups) {
    return Collections.nCopies(groups, List.of());
  }
}
