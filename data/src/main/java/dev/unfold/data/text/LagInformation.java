package dev.unfold.data.text;

import dev.unfold.argument.Refusal;
import java.util.Arrays;
import java.util.Objects;

/// How much a token of a text tells about the one k + 1 places after it, for each lag k = 0, 1, ...: what a network can
/// learn by keeping what it read k steps before. The mutual information of both,
///
///     I(k) = sum_ab p(a, b) ln(p(a, b) / (p(a) p(b)))        nats
///
/// less what pairs drawn apart from each other would show by chance.
///
/// With many different tokens there are too few pairs to count; the frequent ones then stay themselves, and the others
/// are one. That only lessens I(k).
///
/// **Source**: the correction is that of G. A. Miller, Note on the bias of information estimates, 1955.
///
/// @param nats I(k) for each k, less chance; it may be negative
/// @param beyondChance whether it is five standard deviations above what pairs drawn apart would show
public record LagInformation(double[] nats, boolean[] beyondChance) {
  /// Pairs for each cell of the table, at least.
  private static final int PAIRS = 20;

  /// Standard deviations from what chance gives.
  private static final double BEYOND = 5;

  /// Checks that there are as many of both.
  public LagInformation {
    Objects.requireNonNull(nats, "nats: expected an array, got null");
    Objects.requireNonNull(beyondChance, "beyondChance: expected an array, got null");
    if (nats.length != beyondChance.length) {
      throw new Refusal(
          "beyondChance", "as many as nats, %d".formatted(nats.length), beyondChance.length);
    }
  }

  /// What `tokens`, numbers below `types`, tell.
  ///
  /// @param lags how many k, from 0 on
  ///
  /// **Errors**: [IllegalArgumentException] if there are not more tokens than lags, or one is not below `types`.
  public static LagInformation of(int[] tokens, int types, int lags) {
    Objects.requireNonNull(tokens, "tokens: expected an array, got null");
    if (lags < 1) {
      throw new Refusal("lags", "1 or more", lags);
    }
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= types) {
        throw new Refusal("tokens[%d]".formatted(i), "0 to %d".formatted(types - 1), tokens[i]);
      }
    }
    if (tokens.length <= lags) {
      throw new Refusal("tokens", "more than %d lags".formatted(lags), tokens.length);
    }
    int kept = Math.max(1, (int) Math.sqrt((double) (tokens.length - lags) / PAIRS));
    int[] classes = classes(tokens, types, Math.min(types, kept));
    double[] nats = new double[lags];
    boolean[] beyond = new boolean[lags];
    for (int k = 0; k < lags; k++) {
      measure(tokens, classes, Math.min(types, kept), k, nats, beyond);
    }
    return new LagInformation(nats, beyond);
  }

  /// For each type its class: the most frequent have their own, the others share the last.
  private static int[] classes(int[] tokens, int types, int count) {
    long[] counts = new long[types];
    for (int token : tokens) {
      counts[token]++;
    }
    Integer[] order = new Integer[types];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Long.compare(counts[b], counts[a]));
    int[] classes = new int[types];
    for (int rank = 0; rank < types; rank++) {
      classes[order[rank]] = Math.min(rank, count - 1);
    }
    return classes;
  }

  private static void measure(
      int[] tokens, int[] classes, int count, int k, double[] nats, boolean[] beyond) {
    long[][] pairs = new long[count][count];
    long[] first = new long[count];
    long[] second = new long[count];
    int n = tokens.length - k - 1;
    for (int i = 0; i < n; i++) {
      int a = classes[tokens[i]];
      int b = classes[tokens[i + k + 1]];
      pairs[a][b]++;
      first[a]++;
      second[b]++;
    }
    double sum = 0;
    for (int a = 0; a < count; a++) {
      for (int b = 0; b < count; b++) {
        if (pairs[a][b] > 0) {
          sum += pairs[a][b] * Math.log((double) n * pairs[a][b] / ((double) first[a] * second[b]));
        }
      }
    }
    double freedom = (double) (seen(first) - 1) * (seen(second) - 1);
    // 2 n I is distributed as chi squared if the two are independent.
    nats[k] = (sum - freedom / 2) / n;
    beyond[k] = 2 * sum > freedom + BEYOND * Math.sqrt(2 * freedom);
  }

  private static long seen(long[] counts) {
    return Arrays.stream(counts).filter(count -> count > 0).count();
  }

  /// The largest lag whose information is beyond chance and at least `share` of that of lag 0; 0 if there is none.
  public int last(double share) {
    int last = 0;
    for (int k = 1; k < nats.length; k++) {
      if (beyondChance[k] && nats[k] >= share * nats[0]) {
        last = k;
      }
    }
    return last;
  }
}
