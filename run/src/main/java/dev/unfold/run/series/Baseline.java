package dev.unfold.run.series;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// What foresees without a network, which the network's output is added to.
///
/// @param lag steps back to the value that is alike
/// @param shift how many of the last steps say how far values are from those; 0 for none
/// @param linear what foresees better than that, if anything does
record Baseline(int lag, int shift, Optional<Linear> linear) {
  /// About how many origins of a channel each is tried on, and how many steps of all of them.
  private static final int ORIGINS = 50;

  private static final int ALL_STEPS = 52_000;

  /// The share of a channel that is fitted before what was fitted is compared with the others on the rest.
  private static final double FITTED = 0.75;

  private static final double[] SMOOTHED = {0, 0.3, 0.5, 0.7, 0.9};

  /// A way to foresee.
  private interface Way {
    /// What it says of the steps from `origin` on.
    double[] path(double[] y, int origin, int steps);
  }

  /// What was a multiple of `lag` steps before, and how far the last `shift` steps were from that.
  private record Naive(int lag, int shift) implements Way {
    @Override
    public double[] path(double[] y, int origin, int steps) {
      double sum = 0;
      for (int t = origin - shift; t < origin; t++) {
        sum += at(y, t) - at(y, t - lag);
      }
      double distance = shift == 0 || Double.isNaN(sum) ? 0 : sum / shift;
      double[] path = new double[steps];
      for (int h = 0; h < steps; h++) {
        path[h] = at(y, origin + h - Math.ceilDiv(h + 1, lag) * lag) + distance;
      }
      return path;
    }
  }

  private static double at(double[] y, int t) {
    return t < 0 ? Double.NaN : y[t];
  }

  /// The best for channels in their training part: first of those with nothing to be fitted, the plainest of equal
  /// ones; then, if it is better in the last quarter of the channels without which it is fitted, one by least squares.
  ///
  /// @param channels values on their scale, NaN for what is missing
  /// @param lags after which values are alike
  /// @param horizon H
  /// @param context C
  static Baseline of(List<double[]> channels, List<Integer> lags, int horizon, int context) {
    Baseline plain = plain(channels, lags, horizon);
    Optional<Linear> linear =
        linear(channels, lags, horizon, context, new Naive(plain.lag(), plain.shift()));
    return new Baseline(plain.lag(), plain.shift(), linear);
  }

  /// The best that is not linear.
  static Baseline plain(List<double[]> channels, List<Integer> lags, int horizon) {
    Naive naive = whole(channels, lags, horizon).best(naive(lags));
    return new Baseline(naive.lag(), naive.shift(), Optional.empty());
  }

  /// All origins that have the longest lag twice before them.
  private static Trial whole(List<double[]> channels, List<Integer> lags, int horizon) {
    int longest = lags.stream().mapToInt(each -> each).max().orElse(1);
    return new Trial(channels, horizon, 2L * longest + 1, 0);
  }

  private static Optional<Linear> linear(
      List<double[]> channels, List<Integer> lags, int horizon, int context, Naive naive) {
    Trial whole = whole(channels, lags, horizon);
    Optional<Linear> smooth = whole.better(smoothings(lags), naive, context);
    Way plain = smooth.map(own -> way(own, context)).orElse(naive);
    Trial late = new Trial(channels, horizon, 2, FITTED);
    List<double[]> begun = new ArrayList<>();
    for (double[] y : channels) {
      begun.add(Arrays.copyOf(y, (int) (FITTED * y.length)));
    }
    LinearFit fit = new LinearFit(begun, context);
    List<Linear> fitted = new ArrayList<>();
    for (List<Integer> own : LinearFit.lags(lags)) {
      fit.of(own).ifPresent(fitted::add);
    }
    Optional<Linear> squares = late.better(fitted, plain, context);
    return squares.flatMap(own -> new LinearFit(channels, context).of(own.lags())).or(() -> smooth);
  }

  private static List<Naive> naive(List<Integer> lags) {
    List<Naive> all = new ArrayList<>();
    all.add(new Naive(1, 0));
    for (int lag : lags) {
      all.add(new Naive(lag, 0));
    }
    for (int lag : lags) {
      for (int shift : new TreeSet<>(List.of(1, 3, lag))) {
        all.add(new Naive(lag, shift));
      }
    }
    return all;
  }

  private static List<Linear> smoothings(List<Integer> lags) {
    List<Linear> all = new ArrayList<>();
    for (int lag : lags) {
      if (!Smoothing.fits(lag)) {
        continue;
      }
      for (double theta : SMOOTHED) {
        for (double seasonTheta : SMOOTHED) {
          all.add(new Smoothing(lag, theta, seasonTheta).linear());
        }
      }
    }
    return all;
  }

  private static Way way(Linear linear, int context) {
    Linear.Steps own = linear.steps();
    return (y, origin, steps) -> {
      double sum = 0;
      int count = 0;
      for (int t = Math.max(0, origin - context); t < origin; t++) {
        sum += Double.isNaN(y[t]) ? 0 : y[t];
        count += Double.isNaN(y[t]) ? 0 : 1;
      }
      return own.path(t -> at(y, t), count == 0 ? 0 : sum / count, origin, steps);
    };
  }

  /// @param channels that ways are tried on
  /// @param first the first origin
  /// @param share of each channel that comes before the first origin
  private record Trial(List<double[]> channels, int horizon, long first, double share) {
    <W extends Way> W best(List<W> ways) {
      W best = ways.getFirst();
      double least = Double.POSITIVE_INFINITY;
      for (W each : ways) {
        double error = error(each);
        if (error < least) {
          least = error;
          best = each;
        }
      }
      return best;
    }

    /// The best of `all` that is better than `plain`.
    Optional<Linear> better(List<Linear> all, Way plain, int context) {
      double least = error(plain);
      Optional<Linear> best = Optional.empty();
      for (Linear each : all) {
        double error = error(way(each, context));
        if (error < least) {
          least = error;
          best = Optional.of(each);
        }
      }
      return best;
    }

    /// The mean error, in units of each channel's changes.
    private double error(Way way) {
      double sum = 0;
      int count = 0;
      int origins = Math.clamp(ALL_STEPS / ((long) channels.size() * horizon), 1, ORIGINS);
      for (double[] y : channels) {
        double unit = meanChange(y);
        int from = (int) Math.max(first, (long) (share * y.length));
        int last = y.length - horizon;
        if (!(unit > 0) || last < from) {
          continue;
        }
        int stride = Math.max(1, (last - from) / origins);
        for (int origin = last; origin >= from; origin -= stride) {
          double[] path = way.path(y, origin, horizon);
          for (int h = 0; h < horizon; h++) {
            double error = Math.abs(y[origin + h] - path[h]) / unit;
            sum += Double.isNaN(error) ? 0 : error;
            count += Double.isNaN(error) ? 0 : 1;
          }
        }
      }
      return count == 0 ? Double.POSITIVE_INFINITY : sum / count;
    }
  }

  /// The mean distance of a value from the one before it; 0 if there are none.
  static double meanChange(double... y) {
    double sum = 0;
    int count = 0;
    for (int t = 1; t < y.length; t++) {
      double change = Math.abs(y[t] - y[t - 1]);
      sum += Double.isNaN(change) ? 0 : change;
      count += Double.isNaN(change) ? 0 : 1;
    }
    return count == 0 ? 0 : sum / count;
  }
}
