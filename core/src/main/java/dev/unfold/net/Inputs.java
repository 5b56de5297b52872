package dev.unfold.net;

import dev.unfold.kernels.Matrix;
import java.util.Arrays;

/// What a network reads at each step of a batch. Row t*B + b belongs to step t of sequence b.
public sealed interface Inputs {
  /// How many rows there are.
  int rows();

  /// `count` rows from `first` on.
  Inputs part(int first, int count);

  /// A copy of the rows `rows`.
  Inputs select(int... rows);

  /// Tokens, that of row r at `tokens[from + r]`.
  record Tokens(int[] tokens, int from) implements Inputs {
    /// Checks that `from` is in the array.
    public Tokens {
      if (from < 0 || from > tokens.length) {
        throw new IllegalArgumentException(
            "tokens: expected a start from 0 to " + tokens.length + ", got " + from);
      }
    }

    @Override
    public int rows() {
      return tokens.length - from;
    }

    @Override
    public Inputs part(int first, int count) {
      return new Tokens(tokens, from + first);
    }

    @Override
    public Inputs select(int... rows) {
      return new Tokens(Arrays.stream(rows).map(row -> tokens[from + row]).toArray(), 0);
    }
  }

  /// Vectors `[T*B, I]`.
  record Vectors(Matrix values) implements Inputs {
    @Override
    public int rows() {
      return values.rows();
    }

    @Override
    public Inputs part(int first, int count) {
      return new Vectors(values.rows(first, count));
    }

    @Override
    public Vectors select(int... rows) {
      Matrix some = Matrix.allocate(values.buffer().precision(), rows.length, values.cols());
      for (int i = 0; i < rows.length; i++) {
        State.copyRow(values, rows[i], some, i);
      }
      return new Vectors(some);
    }
  }
}
