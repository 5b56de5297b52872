package dev.unfold.serve.json;

import dev.unfold.argument.Refusal;
import java.util.Arrays;

/// Rows of numbers, all as wide as the first.
///
/// @param name of the member that has them, for messages
/// @param rows how many, 1 or more
/// @param width of each, 1 or more
/// @param numbers row by row; there may be more behind them
@SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
public record NumberTable(String name, int rows, int width, double[] numbers) {
  static final String FORM = "a list of rows, each a list of numbers";

  /// Collects them.
  static final class Builder {
    private final String name;
    private double[] numbers = new double[4];
    private int count;
    private int width = -1;
    private int rows;

    Builder(String name) {
      this.name = name;
    }

    void add(double number) {
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * count);
      }
      numbers[count++] = number;
    }

    void endRow() {
      int own = rows == 0 ? count : count - rows * width;
      if (rows > 0 && own != width) {
        throw new Refusal(name, "%d numbers in each, as in the first".formatted(width), own);
      }
      width = own;
      rows++;
    }

    NumberTable build() {
      if (rows == 0 || width == 0) {
        throw new Refusal(name, "one or more of one number or more", "none");
      }
      return new NumberTable(name, rows, width, numbers);
    }
  }
}
