package dev.unfold.plan;

import dev.unfold.kernels.Pointwise.Op;

/// The slopes of pointwise operations of one argument. Their derivative goes the same way in both directions: unit by
/// unit, the slope times what arrives.
final class Slope {
  private Slope() {}

  /// `d` times the slope of y = op(x) at `apply`, whose index is `y`; [Node#NONE] if the slope is 0 everywhere.
  static int times(GraphBuilder graph, int y, Node.Apply apply, int d) {
    int x = apply.left();
    return switch (apply.op()) {
      case COPY -> d;
      case NEGATE, ONE_MINUS -> graph.apply(Op.NEGATE, d);
      case SIGMOID -> {
        int slope = graph.times(y, graph.apply(Op.ONE_MINUS, y));
        yield graph.times(d, slope);
      }
      case TANH -> graph.times(d, graph.apply(Op.ONE_MINUS, graph.times(y, y)));
      case RELU -> graph.times(d, graph.apply(Op.STEP, y));
      case STEP -> Node.NONE;
      case EXP -> graph.times(d, y);
      case LOG -> graph.apply(Op.DIVIDE, d, x);
      case SOFTPLUS -> graph.times(d, graph.apply(Op.SIGMOID, x));
      case SQRT -> graph.apply(Op.DIVIDE, graph.times(d, graph.constant(0.5)), y);
      case SUM, SPREAD, ADD, SUBTRACT, MULTIPLY, DIVIDE ->
          throw new IllegalArgumentException("operation: expected one of one unit, got " + apply);
    };
  }
}
