package dev.unfold.sequence;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import java.util.Arrays;
import java.util.Objects;

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
