package dev.unfold.cell;

import java.util.List;

/// The name and shape of a parameter of a cell: a matrix `[rows, cols]` or a vector `[rows]`.
///
/// @param name without a layer's suffix, such as `weight_ih`
/// @param shape one or two sizes
public record ParameterShape(String name, List<Integer> shape) {
  /// Copies the list.
  public ParameterShape {
    shape = List.copyOf(shape);
  }

  /// Rows of the matrix; a vector is a single row.
  public int rows() {
    return shape.size() == 1 ? 1 : shape.getFirst();
  }

  /// Columns of the matrix, or the length of the vector.
  public int cols() {
    return shape.getLast();
  }
}
