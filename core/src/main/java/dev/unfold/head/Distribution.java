package dev.unfold.head;

import dev.unfold.argument.Refusal;
import java.util.random.RandomGenerator;

/// How one number is distributed, as the outputs for it say ([ValueLoss#distribution]).
///
/// **Threads**: any number.
public interface Distribution {
  /// The least number z with `cdf(z) >= p`.
  ///
  /// @param p above 0 and below 1
  double quantile(double p);

  /// The probability of a number up to z.
  double cdf(double z);

  /// The probability of a number above z: what [#cdf] lacks, with all its digits where that is nearly 1.
  default double survival(double z) {
    return 1 - cdf(z);
  }

  /// The mean; NaN if there is none.
  double mean();

  /// The logarithm of the density at z, or of the probability of a count.
  double logDensity(double z);

  /// A number drawn from it: the quantile at an even number of `random`, of which it takes one.
  default double sample(RandomGenerator random) {
    return quantile(((random.nextLong() >>> 12) + 0.5) * 0x1p-52);
  }

  /// Checks that p is a probability that is not sure.
  ///
  /// **Errors**: [IllegalArgumentException] if it is none.
  static double checked(double p) {
    if (!(p > 0 && p < 1)) {
      throw new Refusal("p", "above 0 and below 1", p);
    }
    return p;
  }
}
