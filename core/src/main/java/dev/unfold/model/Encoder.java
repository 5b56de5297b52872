package dev.unfold.model;

import dev.unfold.argument.Expect;

/// How a network takes its input at a step.
public sealed interface Encoder {
  /// I, the width of what the first layer receives.
  int width();

  /// The input is a vector of I numbers.
  record Vectors(int width) implements Encoder {
    /// Checks the width.
    public Vectors {
      Expect.positive("input", "I", width);
    }
  }

  /// The input is one of V tokens; each has a learned vector of I numbers, `embedding.weight [V, I]`.
  record Embedding(int vocabulary, int width) implements Encoder {
    /// Checks the sizes.
    public Embedding {
      Expect.positive("vocabulary", "V", vocabulary);
      Expect.positive("embedding", "I", width);
    }
  }
}
