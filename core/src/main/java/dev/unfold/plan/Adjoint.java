package dev.unfold.plan;

import dev.unfold.kernels.Pointwise.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// The adjoint of a step by reverse-mode differentiation of its graph.
///
/// Going through the nodes backwards, each hands its own derivative on to its arguments by the chain
/// rule. The derivative that arrives at a slice of a product is the *error signal* of that pre-activation. The
/// new nodes come after those of the step, so that they can refer to its values; which of them they refer to is what
/// a forward pass has to keep.
///
/// **Source**: the chain rule; worked by hand for the Elman cell in `docs/bptt.md`.
final class Adjoint {
  private final ForwardStep step;
  private final int forwardNodes;
  private final GraphBuilder graph;
  private final List<Group> groups;
  private final List<List<Integer>> deltas;

  /// For each forward node that of its derivative as far as it is known, or [Node#Node.NONE].
  private final int[] derivative;

  private Adjoint(ForwardStep step) {
    this.step = step;
    graph = new GraphBuilder(step.graph());
    groups = step.groups();
    deltas = new ArrayList<>(Collections.nCopies(groups.size(), List.of()));
    forwardNodes = graph.size();
    derivative = new int[forwardNodes];
    Arrays.fill(derivative, Node.NONE);
  }

  static AdjointStep differentiate(ForwardStep step) {
    Adjoint adjoint = new Adjoint(step);
    adjoint.start();
    adjoint.goBack();
    return adjoint.results();
  }

  /// What arrives from outside and from the step after this one.
  private void start() {
    int output = step.output();
    give(output, graph.add(new Node.OutputGradient(graph.width(output))));
    for (int s = 0; s < step.states().size(); s++) {
      ForwardStep.State state = step.states().get(s);
      give(state.next(), graph.add(new Node.Carry(s, state.width())));
    }
  }

  private void goBack() {
    for (int node = forwardNodes - 1; node >= 0; node--) {
      collectBackProducts(node);
      if (derivative[node] == Node.NONE) {
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
  }

  private AdjointStep results() {
    int input = Node.NONE;
    List<Integer> carries = new ArrayList<>(Collections.nCopies(step.states().size(), Node.NONE));
    List<AdjointStep.VectorGradient> vectors = new ArrayList<>();
    for (int node = 0; node < forwardNodes; node++) {
      int own = derivative[node];
      switch (graph.get(node)) {
        case Node.Input i -> input = own;
        case Node.State state -> carries.set(state.index(), own);
        case Node.Vector vector -> {
          if (own != Node.NONE) {
            vectors.add(new AdjointStep.VectorGradient(vector.parameter(), vector.from(), own));
          }
        }
        default -> {}
      }
    }
    return new AdjointStep(graph.build(), forwardNodes, deltas, carries, input, vectors);
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
        any |= delta != Node.NONE;
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
    if (delta == Node.NONE) {
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
        derivative[node] == Node.NONE ? share : graph.apply(Op.ADD, derivative[node], share);
  }

  /// The chain rule for one operation: y is its result, d its derivative.
  private void propagate(int y, Node.Apply apply, int d) {
    int left = apply.left();
    int right = apply.right();
    switch (apply.op()) {
      case COPY, NEGATE, ONE_MINUS, SIGMOID, TANH, RELU, STEP, EXP, LOG, SOFTPLUS, SQRT -> {
        int share = Slope.times(graph, y, apply, d);
        if (share != Node.NONE) {
          give(left, share);
        }
      }
      case SUM ->
          give(
              left,
              apply.axis() == null
                  ? graph.spread(d, graph.width(left))
                  : graph.spread(d, apply.axis()));
      case SPREAD -> give(left, apply.axis() == null ? graph.sum(d) : graph.sum(d, apply.axis()));
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
          give(left, graph.times(graph.times(d, graph.constant(2)), left));
        } else {
          give(left, graph.times(d, right));
          give(right, graph.times(d, left));
        }
      }
      case DIVIDE -> {
        int share = graph.apply(Op.DIVIDE, d, right);
        give(left, share);
        give(right, graph.apply(Op.NEGATE, graph.times(share, y)));
      }
    }
  }
}
