package dev.unfold.plan;

import java.util.List;

/// All affine maps of one operand, merged into one matrix `[rows, operandWidth]`.
///
/// Of N heads it is block-diagonal in each slice, and its zeros are not there: the matrix is `[rows, operandWidth /
/// N]`, and row i of head n of a slice is multiplied with head n of the operand,
///
///     (W o)_i = sum over j < k of w_ij o_(n k + j)        k = operandWidth / N
///
/// @param name the operand's name in parameter names: `ih` for the input, `hh` for the state h
/// @param operand the operand's node
/// @param operandWidth how many numbers the operand has
/// @param rows rows of the matrix
/// @param weight index of the matrix among the parameters
/// @param heads N; 1 for a whole matrix
/// @param slices the affine maps, each with its rows
public record Group(
    String name,
    int operand,
    int operandWidth,
    int rows,
    int weight,
    int heads,
    List<Slice> slices) {

  /// The rows of one affine map.
  ///
  /// @param affine its name
  /// @param from its first row
  /// @param width number of rows
  /// @param node the product's node
  public record Slice(String affine, int from, int width, int node) {}

  /// Columns of the matrix.
  public int columns() {
    return operandWidth / heads;
  }

  /// How many numbers the matrix has.
  public long size() {
    return (long) rows * columns();
  }
}
