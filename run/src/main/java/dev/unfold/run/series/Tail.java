package dev.unfold.run.series;

import dev.unfold.argument.Refusal;
import java.util.Arrays;
import java.util.List;

/// How rare large values of a statistic that is 0 or more are: `e(x) = -ln` of how many peaks of x or more there are
/// for an event. A peak is a value that none within some steps is above, so that a run of large values counts once, as
/// it is one alarm.
///
/// Up to a value that some peaks are above, e is what was counted, and linear between; beyond it the peaks are taken to
/// fall off exponentially, by their mean distance from there and one standard error of that.
///
/// @param values at which e is known, rising
/// @param rarities e at each of them, rising
/// @param scale how much more x has to be beyond the last of them for one more of e
record Tail(List<Double> values, List<Double> rarities, double scale) {
  /// The share of counts between two values that are kept.
  private static final double RATIO = 1.25;

  private static final int MOST = 1000;

  /// Checks the numbers, which may come from a file.
  Tail {
    values = List.copyOf(values);
    rarities = List.copyOf(rarities);
    boolean isSound =
        !values.isEmpty()
            && values.size() <= MOST
            && values.size() == rarities.size()
            && scale > 0
            && scale < Double.POSITIVE_INFINITY
            && rises(values)
            && rises(rarities);
    if (!isSound) {
      throw new Refusal("tail", "rising numbers, and a scale above 0", values + ", " + scale);
    }
  }

  private static boolean rises(List<Double> all) {
    for (int i = 0; i < all.size(); i++) {
      if (!Double.isFinite(all.get(i)) || (i > 0 && all.get(i) < all.get(i - 1))) {
        return false;
      }
    }
    return true;
  }

  /// That of what was counted.
  ///
  /// @param peaks of `events` events
  /// @param most of how many of the highest the fall is found, at most
  /// @param least the scale at least
  static Tail of(double[] peaks, long events, int most, double least) {
    double[] rising = peaks.clone();
    Arrays.sort(rising);
    int count = rising.length;
    if (count == 0) {
      return new Tail(List.of(0.0), List.of(Math.log(2.0 * Math.max(1, events))), least);
    }
    int fitted = Math.max(1, Math.min(most, count / 2));
    double from = rising[count - fitted];
    double sum = 0;
    for (int i = count - fitted; i < count; i++) {
      sum += rising[i] - from;
    }
    double[] values = new double[MOST];
    double[] rarities = new double[MOST];
    int next = 0;
    double above = fitted;
    while (next < MOST) {
      int k = (int) Math.min(above, count);
      double x = rising[count - k];
      if (next == 0 || x < values[next - 1]) {
        values[next] = x;
        rarities[next++] = Math.log((double) Math.max(1, events) / k);
      }
      if (k == count) {
        break;
      }
      above = Math.max(k + 1, Math.floor(RATIO * k));
    }
    double scale = sum / fitted * (1 + 1 / Math.sqrt(fitted));
    return new Tail(reversed(values, next), reversed(rarities, next), Math.max(least, scale));
  }

  private static List<Double> reversed(double[] all, int count) {
    Double[] turned = new Double[count];
    Arrays.setAll(turned, i -> all[count - 1 - i]);
    return List.of(turned);
  }

  /// A form that is fast to ask.
  Lookup lookup() {
    return new Lookup(
        values.stream().mapToDouble(each -> each).toArray(),
        rarities.stream().mapToDouble(each -> each).toArray(),
        scale);
  }

  /// e(x)
  static final class Lookup {
    private final double[] values;
    private final double[] rarities;
    private final double scale;

    private Lookup(double[] values, double[] rarities, double scale) {
      this.values = values;
      this.rarities = rarities;
      this.scale = scale;
    }

    double rarity(double x) {
      if (x <= 0) {
        return 0;
      }
      int last = values.length - 1;
      if (x >= values[last]) {
        return rarities[last] + (x - values[last]) / scale;
      }
      if (x <= values[0]) {
        return x == values[0] ? rarities[0] : 0;
      }
      int i = Arrays.binarySearch(values, x);
      if (i >= 0) {
        return rarities[i];
      }
      int above = -i - 1;
      double share = (x - values[above - 1]) / (values[above] - values[above - 1]);
      return rarities[above - 1] + share * (rarities[above] - rarities[above - 1]);
    }
  }
}
