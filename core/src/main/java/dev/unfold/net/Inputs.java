package dev.unfold.net;

import dev.unfold.kernels.Matrix;

/// What a network reads at each step of a batch. Row t*B + b belongs to step t of sequence b.
public sealed interface Inputs {
  /// How many rows there are.
  int rows();

  /// `count` rows from `first` on.
  Inputs part(int first, int count);

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
  }
}
