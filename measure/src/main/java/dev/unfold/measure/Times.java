package dev.unfold.measure;

import dev.unfold.argument.Refusal;
import java.util.Arrays;

/// How long something took, again and again.
///
/// @param sorted ascending, at least one
public record Times(double[] sorted) {
  /// **Errors**: [IllegalArgumentException] if there are none.
  public Times {
    if (sorted.length == 0) {
      throw new Refusal("times", "1 or more", "none");
    }
    sorted = sorted.clone();
    Arrays.sort(sorted);
  }

  /// The middle one, or the mean of the middle two.
  public double median() {
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  /// The distance between the quartiles, as a share of the median.
  public double spread() {
    int last = sorted.length - 1;
    return (sorted[last * 3 / 4] - sorted[last / 4]) / median();
  }

  /// How many there are.
  public int count() {
    return sorted.length;
  }
}
