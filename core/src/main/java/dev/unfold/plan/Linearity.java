package dev.unfold.plan;

import dev.unfold.kernels.Pointwise.Op;

/// Whether a step is linear in the states before it: each next state is a sum of these states, each times what does not
/// depend on any of them, and of something else that does not.
///
///     s(t) = D(x(t), p) s(t-1) + c(x(t), p)
///
/// It is found from the degree of each node in the states: 1 for a state, 0 for the input, random numbers, parameters
/// and constants; a sum has the larger of two degrees, a product their sum. A quotient has that of its numerator, if
/// its denominator has degree 0; any other function is for degree 0 alone. What is linear only because terms cancel is
/// not found.
final class Linearity {
  /// For what is no polynomial, or one of a degree above 1.
  private static final int NOT_LINEAR = 2;

  private final ForwardStep step;
  private final int[] degrees;

  private Linearity(ForwardStep step) {
    this.step = step;
    degrees = new int[step.graph().size()];
    for (int node = 0; node < degrees.length; node++) {
      degrees[node] = Math.min(NOT_LINEAR, degree(step.graph().get(node)));
    }
  }

  static boolean of(ForwardStep step) {
    Linearity linearity = new Linearity(step);
    return step.states().stream().allMatch(state -> linearity.degrees[state.next()] < NOT_LINEAR);
  }

  private int degree(Node node) {
    return switch (node) {
      case Node.State _ -> 1;
      case Node.Input _, Node.Noise _, Node.Vector _, Node.Constant _ -> 0;
      case Node.Product product ->
          Math.max(
              degrees[step.groups().get(product.group()).operand()],
              product.onto() == Node.NONE ? 0 : degrees[product.onto()]);
      case Node.Apply apply -> degree(apply.op(), degrees[apply.left()], degrees[apply.right()]);
      case Node.Carry _, Node.OutputGradient _, Node.BackProduct _, Node.Tangent _ ->
          throw new AssertionError(node);
    };
  }

  private static int degree(Op op, int left, int right) {
    return switch (op) {
      case COPY, NEGATE, ONE_MINUS, SUM, SPREAD -> left;
      case ADD, SUBTRACT -> Math.max(left, right);
      case MULTIPLY -> left + right;
      case DIVIDE -> right == 0 ? left : NOT_LINEAR;
      case SIGMOID, TANH, RELU, STEP, EXP, LOG, SOFTPLUS, SQRT -> left == 0 ? 0 : NOT_LINEAR;
    };
  }
}
