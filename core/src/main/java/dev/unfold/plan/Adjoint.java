package dev.unfold.plan;

import dev.unfold.kernels.Pointwise.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The adjoint of a step by reverse-mode differentiation of its graph.
///
/// Going through the nodes backwards, each hands its own derivative on to its arguments by the chain
/// rule. The derivative that arrives at a slice of a product is the *error signal* of that pre-activation. The
/// result is added to the same graph, so that it can refer to values of the forward step; which of them
/// it refers to is what a forward pass has to keep.
///
/// **Source**: the chain rule; worked by hand for the Elman cell in `docs/bptt.md`.
final class Adjoint {
  /// Stands for a derivative that is zero because nothing depends on the value.
  static final int NONE = Node.NONE;

  /// The error signals of each group, slice by slice.
  final List<List<Integer>> deltas = new ArrayList<>();

  /// For each state the derivative with respect to its value before the step.
  final List<Integer> carries = new ArrayList<>();

  /// The derivative with respect to the input, or [#NONE].
  final int input;

  /// The derivatives of parameter vectors, each for one slice, at one step and one row of the batch.
  final List<VectorGradient> vectors = new ArrayList<>();

  /// The derivative `node` of the numbers from `from` on of parameter `parameter`.
  record VectorGradient(int parameter, int from, int node) {}

  /// Nodes of the forward step have lower indices than this, those that are added here have not.
  final int forwardNodes;

  private final Graph graph;
  private final List<Group> groups;
  private final int[] derivative;

  /// Differentiates the step that `lowering` holds; new nodes go into the same graph.
  Adjoint(Lowering lowering, int states) {
    graph = lowering.graph;
    groups = lowering.groups;
    forwardNodes = graph.size();
    derivative = new int[forwardNodes];
    Arrays.fill(derivative, NONE);
    for (int g = 0; g < groups.size(); g++) {
      deltas.add(List.of());
    }
    give(lowering.output, graph.add(new Node.OutputGradient(graph.width(lowering.output))));
    for (int s = 0; s < states; s++) {
      int next = lowering.next.get(s);
      give(next, graph.add(new Node.Carry(s, graph.width(next))));
    }
    for (int node = forwardNodes - 1; node >= 0; node--) {
      collectBackProducts(node);
      if (derivative[node] == NONE) {
        continue;
      }
      switch (graph.get(node)) {
        case Node.Apply apply -> propagate(node, apply, derivative[node]);
        case Node.Product product -> {
          if (product.onto() != Node.NONE) {
            give(product.onto(), derivative[node]);
          }
        }
        default -> {}
      }
    }
    int inputGradient = NONE;
    int[] carry = new int[states];
    Arrays.fill(carry, NONE);
    for (int node = 0; node < forwardNodes; node++) {
      switch (graph.get(node)) {
        case Node.Input i -> inputGradient = derivative[node];
        case Node.State state -> carry[state.index()] = derivative[node];
        case Node.Vector vector -> {
          if (derivative[node] != NONE) {
            vectors.add(new VectorGradient(vector.parameter(), vector.from(), derivative[node]));
          }
        }
        default -> {}
      }
    }
    for (int s = 0; s < states; s++) {
      carries.add(carry[s]);
    }
    input = inputGradient;
  }

  /// When all slices of a group on this operand have their error signals, the operand gets its share.
  private void collectBackProducts(int operand) {
    for (int g = 0; g < groups.size(); g++) {
      Group group = groups.get(g);
      if (group.operand() != operand) {
        continue;
      }
      List<Integer> signals = new ArrayList<>();
      boolean any = false;
      for (Group.Slice slice : group.slices()) {
        int delta = derivative[slice.node()];
        any |= delta != NONE;
        signals.add(signal(delta, slice.width()));
      }
      deltas.set(g, List.copyOf(signals));
      if (any) {
        give(operand, graph.add(new Node.BackProduct(g, group.operandWidth())));
      }
    }
  }

  /// `delta` as a node whose result can be put among the error signals of its group.
  private int signal(int delta, int width) {
    if (delta == NONE) {
      return graph.copyOf(graph.constant(0), width);
    }
    boolean computed = delta >= forwardNodes && graph.get(delta) instanceof Node.Apply;
    return computed ? delta : graph.copyOf(delta, width);
  }

  /// Adds `share` to the derivative of `node`.
  private void give(int node, int share) {
    if (graph.get(node) instanceof Node.Constant || graph.get(node) instanceof Node.Noise) {
      return;
    }
    derivative[node] =
        derivative[node] == NONE ? share : graph.apply(Op.ADD, derivative[node], share);
  }

  /// The chain rule for one operation: y is its result, d its derivative.
  private void propagate(int y, Node.Apply apply, int d) {
    int left = apply.left();
    int right = apply.right();
    switch (apply.op()) {
      case COPY -> give(left, d);
      case NEGATE, ONE_MINUS -> give(left, graph.apply(Op.NEGATE, d));
      case SIGMOID -> {
        int slope = times(y, graph.apply(Op.ONE_MINUS, y));
        give(left, times(d, slope));
      }
      case TANH -> give(left, times(d, graph.apply(Op.ONE_MINUS, times(y, y))));
      case RELU -> give(left, times(d, graph.apply(Op.STEP, y)));
      case STEP -> {}
      case EXP -> give(left, times(d, y));
      case LOG -> give(left, graph.apply(Op.DIVIDE, d, left));
      case SOFTPLUS -> give(left, times(d, graph.apply(Op.SIGMOID, left)));
      case SQRT -> give(left, graph.apply(Op.DIVIDE, times(d, graph.constant(0.5)), y));
      case SUM -> give(left, graph.spread(d, graph.width(left)));
      case SPREAD -> give(left, graph.sum(d));
      case ADD -> {
        give(left, d);
        give(right, d);
      }
      case SUBTRACT -> {
        give(left, d);
        give(right, graph.apply(Op.NEGATE, d));
      }
      case MULTIPLY -> {
        if (left == right) {
          give(left, times(times(d, graph.constant(2)), left));
        } else {
          give(left, times(d, right));
          give(right, times(d, left));
        }
      }
      case DIVIDE -> {
        int share = graph.apply(Op.DIVIDE, d, right);
        give(left, share);
        give(right, graph.apply(Op.NEGATE, times(share, y)));
      }
    }
  }

  private int times(int left, int right) {
    return graph.apply(Op.MULTIPLY, left, right);
  }
}
