package dev.unfold.gradient;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.model.NetworkSpec;
import dev.unfold.sequence.Truncation;

/// How the gradient of a loss is followed back through time.
public sealed interface Engine {
  /// Checks that networks of `spec` can be trained so.
  ///
  /// **Errors**: [IllegalArgumentException] for a budget or truncation if layers run in both directions.
  default void expectUsable(NetworkSpec spec) {
    if (!(this instanceof Full) && spec.directions() > 1) {
      throw new Refusal("engine", "full back-propagation for layers of both directions", this);
    }
  }

  /// Back-propagation through all T steps, with all of them in memory.
  record Full() implements Engine {}

  /// Back-propagation cut as `truncation` says, with all T steps in memory.
  record Truncated(Truncation truncation) implements Engine {
    /// Checks that there is one.
    public Truncated {
      Expect.given("truncation", truncation);
    }
  }

  /// Back-propagation through all T steps in at most `bytes` of memory, with parts of the forward pass computed again:
  /// the same gradient as [Full], bit for bit.
  record Budgeted(long bytes) implements Engine {
    /// Checks the number.
    public Budgeted {
      if (bytes < 1) {
        throw new Refusal("memory", "1 byte or more", bytes);
      }
    }
  }
}
