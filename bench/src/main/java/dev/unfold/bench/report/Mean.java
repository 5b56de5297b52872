package dev.unfold.bench.report;

import java.util.List;
import java.util.Optional;

/// How a library compares with Unfold over all points.
///
/// @param peer the library
/// @param geometricMean of its ratios: how many times longer it takes
/// @param lowest ratio
/// @param points how many there are
public record Mean(String peer, double geometricMean, double lowest, int points) {
  /// Empty if `peer` was timed at no point.
  public static Optional<Mean> of(String peer, List<Point> points) {
    double[] ratios =
        points.stream()
            .flatMap(point -> point.timing(peer).stream())
            .mapToDouble(Entry.Timing::ratio)
            .toArray();
    if (ratios.length == 0) {
      return Optional.empty();
    }
    double logarithms = 0;
    double lowest = Double.POSITIVE_INFINITY;
    for (double ratio : ratios) {
      logarithms += Math.log(ratio);
      lowest = Math.min(lowest, ratio);
    }
    return Optional.of(new Mean(peer, Math.exp(logarithms / ratios.length), lowest, ratios.length));
  }
}
