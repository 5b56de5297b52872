package dev.unfold.run.series;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/// A linear way to foresee a value from those before it: with c the mean of the context,
///
///     y_t = y_{t-1} + sum_k weight_k (y_{t-k} - y_{t-1}) + level (c - y_{t-1})
///
/// over some lags k above 1. What is further ahead follows step by step, each from what was foreseen before it. It says
/// the same of a series that is shifted or stretched. A value that is missing adds nothing; for y_{t-1} the last one
/// that is known counts.
///
/// @param lags k
/// @param weights one for each
/// @param level how strongly values go back to the mean
public record Linear(List<Integer> lags, List<Double> weights, double level) {
  private static final int MOST = 1000;

  /// The longest lag.
  static final int LONGEST = 1 << 16;

  private static final double GROWN = 1.01;

  /// Checks the numbers.
  public Linear {
    lags = List.copyOf(Expect.given("lags", lags));
    weights = List.copyOf(Expect.given("weights", weights));
    if (lags.size() != weights.size() || lags.size() > MOST) {
      throw new Refusal(
          "weights", "one for each of %d lags or fewer".formatted(MOST), weights.size());
    }
    for (int lag : lags) {
      if (lag < 1 || lag > LONGEST) {
        throw new Refusal("lags", "1 to " + LONGEST, lag);
      }
    }
    if (!Double.isFinite(level) || !weights.stream().allMatch(Double::isFinite)) {
      throw new Refusal("weights, level", "finite numbers", weights + ", " + level);
    }
  }

  /// The furthest back that it reads.
  int reach() {
    return lags.stream().mapToInt(lag -> lag).max().orElse(1);
  }

  /// The same, to be computed many times.
  Steps steps() {
    return new Steps(this);
  }

  /// The values from step `origin` on.
  ///
  /// @param values those before it, NaN where nothing is known
  /// @param center c
  double[] path(IntToDoubleFunction values, double center, int origin, int steps) {
    return steps().path(values, center, origin, steps);
  }

  /// What computes values one after the other.
  static final class Steps {
    private final int[] lags;
    private final double[] weights;
    private final double level;
    private final int reach;

    private Steps(Linear of) {
      lags = of.lags.stream().mapToInt(lag -> lag).toArray();
      weights = of.weights.stream().mapToDouble(weight -> weight).toArray();
      level = of.level;
      reach = of.reach();
    }

    /// The value at step `t`.
    ///
    /// @param values what is known before it, NaN where nothing is
    /// @param center c
    double next(IntToDoubleFunction values, double center, int t) {
      double last = values.applyAsDouble(t - 1);
      for (int back = 2; Double.isNaN(last) && back <= reach; back++) {
        last = values.applyAsDouble(t - back);
      }
      if (Double.isNaN(last)) {
        return center;
      }
      double sum = last + level * (center - last);
      for (int i = 0; i < lags.length; i++) {
        double distance = values.applyAsDouble(t - lags[i]) - last;
        sum += Double.isNaN(distance) ? 0 : weights[i] * distance;
      }
      return sum;
    }

    /// The values from step `origin` on.
    double[] path(IntToDoubleFunction values, double center, int origin, int steps) {
      double[] path = new double[steps];
      IntToDoubleFunction all = t -> t < origin ? values.applyAsDouble(t) : path[t - origin];
      for (int h = 0; h < steps; h++) {
        path[h] = next(all, center, origin + h);
      }
      return path;
    }
  }

  /// Whether what one value adds to those after it dies out, or comes to stay as it is.
  ///
  /// @param steps in whose second half it must not grow any more
  boolean isStable(int steps) {
    double[] answer = path(t -> t == 0 ? 1 : 0, 0, 1, steps);
    double early = largest(answer, 0, steps / 2);
    double late = largest(answer, steps / 2, steps);
    return late <= GROWN * early;
  }

  private static double largest(double[] of, int from, int until) {
    double largest = 0;
    for (int t = from; t < until; t++) {
      largest = Math.max(largest, Math.abs(of[t]));
    }
    return largest;
  }
}
