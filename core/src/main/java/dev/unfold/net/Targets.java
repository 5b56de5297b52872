package dev.unfold.net;

import dev.unfold.kernels.Matrix;

/// What a network's output at each step of a batch is compared with, and by which loss. Row t*B + b belongs to step t of
/// sequence b; a step without a target has no loss.
public sealed interface Targets {
  /// How many rows there are.
  int rows();

  /// `count` rows from `first` on.
  Targets part(int first, int count);

  /// Whether a row has a target.
  boolean has(int row);

  /// The right class of each row, that of row r at `classes[from + r]`, for the softmax cross-entropy
  /// `E_t = -ln o_z(t)`; [UnrolledNetwork#NO_TARGET] for none.
  record Classes(int[] classes, int from) implements Targets {
    /// Checks that `from` is in the array.
    public Classes {
      if (from < 0 || from > classes.length) {
        throw new IllegalArgumentException(
            "targets: expected a start from 0 to " + classes.length + ", got " + from);
      }
    }

    @Override
    public int rows() {
      return classes.length - from;
    }

    @Override
    public Targets part(int first, int count) {
      return new Classes(classes, from + first);
    }

    @Override
    public boolean has(int row) {
      return classes[from + row] != UnrolledNetwork.NO_TARGET;
    }
  }

  /// The right classes with label smoothing: the softmax cross-entropy with `1 - smoothing` for the right class and
  /// `smoothing` spread evenly over all K.
  ///
  /// **Source**: C. Szegedy et al., Rethinking the Inception architecture, CVPR 2016.
  record SmoothedClasses(Classes classes, double smoothing) implements Targets {
    /// Checks the number.
    public SmoothedClasses {
      if (!(smoothing >= 0 && smoothing < 1)) {
        throw new IllegalArgumentException(
            "smoothing: expected 0 or more and below 1, got " + smoothing);
      }
    }

    @Override
    public int rows() {
      return classes.rows();
    }

    @Override
    public Targets part(int first, int count) {
      return new SmoothedClasses((Classes) classes.part(first, count), smoothing);
    }

    @Override
    public boolean has(int row) {
      return classes.has(row);
    }
  }

  /// A distribution over the classes for each row `[T*B, K]`, for the softmax cross-entropy
  /// `E_t = -sum_k z_k ln o_k(t)`; zeros for none.
  record Distributions(Matrix values) implements Targets {
    @Override
    public int rows() {
      return values.rows();
    }

    @Override
    public Targets part(int first, int count) {
      return new Distributions(values.rows(first, count));
    }

    @Override
    public boolean has(int row) {
      for (int k = 0; k < values.cols(); k++) {
        if (values.get(row, k) != 0) {
          return true;
        }
      }
      return false;
    }
  }

  /// N numbers for each row `[T*B, N]`, which the network's output itself is compared with; NaN for none.
  ///
  /// @param values the numbers
  /// @param loss how they are compared, which also says how many outputs K there are for them
  record Values(Matrix values, ValueLoss loss) implements Targets {
    /// For the squared error.
    public Values(Matrix values) {
      this(values, new ValueLoss.SquaredError());
    }

    @Override
    public int rows() {
      return values.rows();
    }

    @Override
    public Targets part(int first, int count) {
      return new Values(values.rows(first, count), loss);
    }

    @Override
    public boolean has(int row) {
      return !Double.isNaN(values.get(row, 0));
    }
  }
}
