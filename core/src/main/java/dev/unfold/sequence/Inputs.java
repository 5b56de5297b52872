package dev.unfold.sequence;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/// What a network reads at each step of a batch. Row t*B + b belongs to step t of sequence b.
public sealed interface Inputs {
  /// How many rows there are.
  int rows();

  /// `count` rows from `first` on.
  Inputs part(int first, int count);

  /// A copy of the rows `rows`.
  Inputs select(int... rows);

  private static void expectRows(int last, int... rows) {
    Objects.requireNonNull(rows, "rows: expected numbers of rows, got null");
    for (int row : rows) {
      if (row < 0 || row > last) {
        throw new Refusal("rows", "0 to " + last, row);
      }
    }
  }

  private static void expectPart(int rows, int first, int count) {
    if (first < 0 || count < 0 || count > rows - first) {
      throw new Refusal(
          "part", "some of %d rows".formatted(rows), "%d from %d on".formatted(count, first));
    }
  }

  /// Tokens, that of row r at `tokens[from + r]`.
  record Tokens(int[] tokens, int from) implements Inputs {
    /// Checks that `from` is in the array.
    public Tokens {
      Expect.given("tokens", tokens);
      if (from < 0 || from > tokens.length) {
        throw new Refusal("tokens", "a start from 0 to " + tokens.length, from);
      }
    }

    @Override
    public int rows() {
      return tokens.length - from;
    }

    @Override
    public Inputs part(int first, int count) {
      expectPart(rows(), first, count);
      return new Tokens(tokens, from + first);
    }

    @Override
    public Inputs select(int... rows) {
      expectRows(rows() - 1, rows);
      return new Tokens(Arrays.stream(rows).map(row -> tokens[from + row]).toArray(), 0);
    }
  }

  /// Rows of a table: N numbers each, and C categories, the c-th of row r at `categories[c][from + r]`.
  ///
  /// @param numbers `[T*B, N]`; empty for N = 0
  /// @param categories an array for each column of categories
  /// @param from where row 0 is in these arrays
  record Columns(Optional<Matrix> numbers, int[][] categories, int from) implements Inputs {
    /// Checks that there is a column, and that all have the rows.
    public Columns {
      Expect.given("numbers", numbers);
      Expect.given("categories", categories);
      if (numbers.isEmpty() && categories.length == 0) {
        throw new Refusal("columns", "a number or a category", "none");
      }
      if (from < 0) {
        throw new Refusal("categories", "a start from 0 on", from);
      }
      for (int c = 0; c < categories.length; c++) {
        String name = "categories[" + c + "]";
        Expect.given(name, categories[c]);
        int rows = numbers.isPresent() ? numbers.get().rows() : categories[0].length - from;
        if (rows < 0 || categories[c].length - from < rows) {
          throw new Refusal(
              name,
              "%d rows from %d on, as the first column has".formatted(Math.max(0, rows), from),
              categories[c].length);
        }
      }
    }

    /// Rows of numbers and categories.
    public Columns(Matrix numbers, int[]... categories) {
      this(Optional.of(numbers), categories, 0);
    }

    /// How many columns of numbers: N.
    public int width() {
      return numbers.isPresent() ? numbers.get().cols() : 0;
    }

    @Override
    public int rows() {
      return numbers.isPresent() ? numbers.get().rows() : categories[0].length - from;
    }

    @Override
    public Inputs part(int first, int count) {
      expectPart(rows(), first, count);
      return new Columns(numbers.map(all -> all.rows(first, count)), categories, from + first);
    }

    @Override
    public Columns select(int... rows) {
      expectRows(rows() - 1, rows);
      int[][] some = new int[categories.length][];
      for (int c = 0; c < some.length; c++) {
        int[] all = categories[c];
        some[c] = Arrays.stream(rows).map(row -> all[from + row]).toArray();
      }
      return new Columns(numbers.map(all -> Batch.select(all, rows)), some, 0);
    }
  }

  /// Vectors `[T*B, I]`.
  record Vectors(Matrix values) implements Inputs {
    /// Checks that there are any.
    public Vectors {
      Expect.given("inputs", values);
    }

    @Override
    public int rows() {
      return values.rows();
    }

    @Override
    public Inputs part(int first, int count) {
      expectPart(rows(), first, count);
      return new Vectors(values.rows(first, count));
    }

    @Override
    public Vectors select(int... rows) {
      expectRows(rows() - 1, rows);
      return new Vectors(Batch.select(values, rows));
    }
  }
}
