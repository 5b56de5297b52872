package dev.unfold.train.dynamic;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;

/// How the parameters theta follow the gradient g of a segment's mean loss, and how they are drawn back to theta0,
/// those that the network was trained to.
///
/// **Source**: B. Krause, E. Kahembwe, I. Murray, S. Renals, Dynamic evaluation of neural sequence models, 2018.
public sealed interface DynamicRule {
  /// The step size.
  double rate();

  /// Which share of the way back to theta0 is gone at each segment.
  double decay();

  /// The same rule with other numbers.
  DynamicRule with(double rate, double decay);

  private static void check(double rate, double decay) {
    if (!(rate > 0 && rate < 1e6)) {
      throw new Refusal("rate", "a number above 0 and below 1e6", rate);
    }
    if (!(decay >= 0 && decay <= 1)) {
      throw new Refusal("decay", "a number from 0 to 1", decay);
    }
  }

  /// One step size for all parameters:
  ///
  ///     theta <- theta + decay (theta0 - theta) - rate g
  record Sgd(double rate, double decay) implements DynamicRule {
    /// Checks the ranges.
    public Sgd {
      check(rate, decay);
    }

    @Override
    public Sgd with(double otherRate, double otherDecay) {
      return new Sgd(otherRate, otherDecay);
    }
  }

  /// Step sizes by how large the gradients of each parameter were on a training text, m:
  ///
  ///     theta <- theta + decay r (theta0 - theta) - rate g / (m + epsilon)        r = min(m / M, 1 / decay)
  ///
  /// M is the mean of the means of m over each tensor of parameters: a small tensor counts as much as a large one.
  ///
  /// @param scale m
  /// @param epsilon keeps parameters that hardly had gradients from leaping
  record Rms(double rate, double decay, GradientScale scale, double epsilon)
      implements DynamicRule {
    /// As in the paper's program.
    public static final double EPSILON = 2e-5;

    /// Checks the ranges.
    public Rms {
      check(rate, decay);
      Expect.given("scale", scale);
      if (!(epsilon > 0 && epsilon < 1e6)) {
        throw new Refusal("epsilon", "a number above 0 and below 1e6", epsilon);
      }
    }

    /// With the usual epsilon.
    public Rms(double rate, double decay, GradientScale scale) {
      this(rate, decay, scale, EPSILON);
    }

    @Override
    public Rms with(double otherRate, double otherDecay) {
      return new Rms(otherRate, otherDecay, scale, epsilon);
    }
  }
}
