package dev.unfold.serve.session;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import java.util.Arrays;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Rows of numbers, all as wide as the first.
final class NumberRows {
  private static final String FORM = "an array of rows, each an array of numbers";

  private double[] numbers = new double[4];
  private int count;
  private int width = -1;
  private int rows;

  private NumberRows() {}

  /// Reads them; the parser is at the start of the outer array.
  static NumberRows read(JsonParser parser) {
    NumberRows rows = new NumberRows();
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new Refusal("rows", FORM, StepRequest.shown(parser));
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.START_ARRAY) {
        throw new Refusal("rows", FORM, StepRequest.shown(parser));
      }
      rows.row(parser);
    }
    if (rows.rows == 0 || rows.width == 0) {
      throw new Refusal("rows", "one or more of one number or more", "none");
    }
    return rows;
  }

  private void row(JsonParser parser) {
    int first = count;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (!parser.currentToken().isNumeric()) {
        throw new Refusal("rows", "numbers", StepRequest.shown(parser));
      }
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * count);
      }
      double number = parser.getDoubleValue();
      if (!Double.isFinite((float) number)) {
        throw new Refusal("rows", "numbers that 32 bits hold", parser.getString());
      }
      numbers[count++] = number;
    }
    if (width >= 0 && count - first != width) {
      throw new Refusal("rows", "%d numbers in each, as in the first".formatted(width), count - first);
    }
    width = count - first;
    rows++;
  }

  void expectWidth(int expected, String said) {
    if (width != expected) {
      throw new Refusal("rows", said + " in each", width);
    }
  }

  /// All as a matrix.
  Matrix matrix(ElementType type) {
    return matrix(type, 0, width);
  }

  /// Columns as a matrix.
  Matrix matrix(ElementType type, int from, int columns) {
    Matrix matrix = Matrix.onHeap(type, rows, columns);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        matrix.set(row, column, numbers[row * width + from + column]);
      }
    }
    return matrix;
  }

  /// A column of categories.
  int[] wholes(int column, int vocabulary) {
    int[] wholes = new int[rows];
    for (int row = 0; row < rows; row++) {
      double number = numbers[row * width + column];
      if (number != Math.rint(number) || number < 0 || number >= vocabulary) {
        throw new Refusal(
            "rows", "a category from 0 to %d as number %d".formatted(vocabulary - 1, column), number);
      }
      wholes[row] = (int) number;
    }
    return wholes;
  }
}
