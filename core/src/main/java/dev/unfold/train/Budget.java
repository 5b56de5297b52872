package dev.unfold.train;

/// How long a training run goes on.
public sealed interface Budget {
  /// Through the training data `count` times. The result does not depend on the machine's speed.
  record Epochs(int count) implements Budget {
    /// Checks the count.
    public Epochs {
      if (count < 1) {
        throw new IllegalArgumentException("epochs: expected 1 or more, got " + count);
      }
    }
  }

  /// For `count` minutes of wall-clock time, wherever that is in the data.
  record Minutes(double count) implements Budget {
    /// Checks the count.
    public Minutes {
      if (!(count > 0) || Double.isInfinite(count)) {
        throw new IllegalArgumentException("minutes: expected more than 0, got " + count);
      }
    }
  }
}
