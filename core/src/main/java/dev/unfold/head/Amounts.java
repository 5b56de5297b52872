package dev.unfold.head;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;

/// How much the losses of each of B sequences count in an average ([Reduction]).
///
/// @param sums for each sequence the sum over its losses of how much each counts: its weight, times the share of its
///     numbers that are there where errors are averaged over numbers
/// @param plain the same with a weight of 1 for every loss whose weight is above 0
public record Amounts(double[] sums, double... plain) {
  /// Checks that there are as many of both.
  public Amounts {
    Expect.given("sums", sums);
    Expect.given("plain", plain);
    if (sums.length != plain.length) {
      throw new Refusal("plain", "B=%d".formatted(sums.length), plain.length);
    }
  }

  /// The sum over all sequences.
  public double total() {
    double total = 0;
    for (double sum : sums) {
      total += sum;
    }
    return total;
  }

  /// What a sequence as a whole weighs: the mean weight of its losses, 0 if it has none.
  double weight(int b) {
    return plain[b] == 0 ? 0 : sums[b] / plain[b];
  }
}
