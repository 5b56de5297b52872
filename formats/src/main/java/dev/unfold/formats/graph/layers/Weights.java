package dev.unfold.formats.graph.layers;

import dev.unfold.formats.graph.GraphTensor;

/// A part of a constant matrix: `rows` inputs by `columns` outputs.
///
/// @param of the whole
/// @param isTransposed whether the whole has a row for each output
/// @param firstRow the first input
/// @param rows how many inputs
/// @param firstColumn the first output
/// @param columns how many outputs
record Weights(
    GraphTensor of, boolean isTransposed, int firstRow, int rows, int firstColumn, int columns) {
  /// A whole matrix `[inputs, outputs]`, or `[outputs, inputs]` if it is transposed.
  static Weights of(GraphTensor matrix, boolean isTransposed) {
    int last = matrix.rank() - 1;
    int rows = matrix.size(isTransposed ? last : last - 1);
    int columns = matrix.size(isTransposed ? last - 1 : last);
    return new Weights(matrix, isTransposed, 0, rows, 0, columns);
  }

  double get(int input, int output) {
    int r = firstRow + input;
    int c = firstColumn + output;
    int width = of.size(of.rank() - 1);
    return of.real(isTransposed ? c * width + r : r * width + c);
  }

  Weights someRows(int from, int count) {
    return new Weights(of, isTransposed, firstRow + from, count, firstColumn, columns);
  }

  Weights someColumns(int from, int count) {
    return new Weights(of, isTransposed, firstRow, rows, firstColumn + from, count);
  }
}
