package dev.unfold.serve.session;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.serve.json.NumberTable;

/// Rows of numbers as a network reads them.
///
/// @param table as they came
record NumberRows(NumberTable table) {
  void expectWidth(int expected, String said) {
    if (table.width() != expected) {
      throw new Refusal(table.name(), said + " in each", table.width());
    }
  }

  /// All as a matrix.
  Matrix matrix(ElementType type) {
    return matrix(type, 0, table.width());
  }

  /// Columns as a matrix.
  Matrix matrix(ElementType type, int from, int columns) {
    Matrix matrix = Matrix.onHeap(type, table.rows(), columns);
    for (int row = 0; row < table.rows(); row++) {
      for (int column = 0; column < columns; column++) {
        matrix.set(row, column, at(row, from + column));
      }
    }
    return matrix;
  }

  /// A column of categories.
  int[] wholes(int column, int vocabulary) {
    int[] wholes = new int[table.rows()];
    for (int row = 0; row < table.rows(); row++) {
      double number = at(row, column);
      if (number != Math.rint(number) || number < 0 || number >= vocabulary) {
        throw new Refusal(
            table.name(),
            "a category from 0 to %d as number %d".formatted(vocabulary - 1, column),
            number);
      }
      wholes[row] = (int) number;
    }
    return wholes;
  }

  private double at(int row, int column) {
    return table.numbers()[row * table.width() + column];
  }
}
