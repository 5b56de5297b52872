package dev.unfold.formats.onnx.write;

import java.util.List;

/// Reductions along an axis, whose axes are attributes or inputs, as the version of the operators wants it.
final class Reductions {
  /// From which version on all have them as inputs; sums have before.
  private static final int AXES_AS_INPUTS = 18;

  private Reductions() {}

  /// Adds one.
  ///
  /// @param keep 1 to keep the axis with a size of 1, 0 to drop it
  static String along(
      GraphWriter graph, String operator, String wish, String value, long axis, long keep) {
    boolean isInput = graph.opset() >= AXES_AS_INPUTS || operator.equals("ReduceSum");
    return isInput
        ? graph.node(
            operator,
            wish,
            List.of(value, graph.integers(axis)),
            GraphWriter.integer("keepdims", keep))
        : graph.node(
            operator,
            wish,
            List.of(value),
            GraphWriter.integerList("axes", axis),
            GraphWriter.integer("keepdims", keep));
  }
}
