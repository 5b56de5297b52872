package dev.unfold.sequence;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;

/// Truncated back-propagation through time: the errors of each `window` = k1 steps are followed back through the last
/// `reach` = k2 steps before the window's end.
///
/// @param window k1
/// @param reach k2, at least k1
public record Truncation(int window, int reach) {
  /// Checks the numbers.
  public Truncation {
    Expect.positive("window", "k1", window);
    if (reach < window) {
      throw new Refusal("reach", "k2 of k1=%d or more".formatted(window), reach);
    }
  }
}
