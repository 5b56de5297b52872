package dev.unfold.train;

import dev.unfold.argument.Refusal;

/// How long a training run goes on.
public sealed interface Budget {
  /// Through the training data `count` times. The result does not depend on the machine's speed.
  record Epochs(int count) implements Budget {
    /// Checks the count.
    public Epochs {
      if (count < 1) {
        throw new Refusal("epochs", "1 or more", count);
      }
    }
  }

  /// For `count` minutes of wall-clock time, wherever that is in the data.
  record Minutes(double count) implements Budget {
    /// Checks the count.
    public Minutes {
      if (!(count > 0) || Double.isInfinite(count)) {
        throw new Refusal("minutes", "more than 0", count);
      }
    }
  }
}
