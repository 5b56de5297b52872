package dev.unfold.plan;

import java.util.List;

/// All affine maps of one operand, merged into one matrix `[rows, operandWidth]`.
///
/// @param name the operand's name in parameter names: `ih` for the input, `hh` for the state h
/// @param operand the operand's node
/// @param operandWidth columns of the matrix
/// @param rows rows of the matrix
/// @param weight index of the matrix among the parameters
/// @param slices the affine maps, each with its rows
public record Group(
    String name, int operand, int operandWidth, int rows, int weight, List<Slice> slices) {

  /// The rows of one affine map.
  ///
  /// @param affine its name
  /// @param from its first row
  /// @param width number of rows
  /// @param node the product's node
  public record Slice(String affine, int from, int width, int node) {}
}
