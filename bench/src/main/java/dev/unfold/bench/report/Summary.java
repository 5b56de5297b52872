package dev.unfold.bench.report;

import dev.unfold.bench.problem.Task;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// How a library compares with Unfold over all points of a task.
///
/// @param task what was measured
/// @param peer the library
/// @param points how many there are
/// @param geometricMean of its ratios: how many times longer it takes
/// @param lowest of its ratios
/// @param below the ratios below 1, where it takes less time
public record Summary(
    Task task, String peer, int points, double geometricMean, Ratio lowest, List<Ratio> below) {
  /// Copies the list.
  public Summary {
    below = List.copyOf(below);
  }

  /// A ratio, and where it is.
  public record Ratio(String place, double ratio) {}

  /// Of `points`, which are of `task`; empty if `peer` was timed at none.
  public static Optional<Summary> of(Task task, String peer, List<Point> points) {
    List<Ratio> ratios = new ArrayList<>();
    for (Point point : points) {
      point
          .timing(peer)
          .ifPresent(timing -> ratios.add(new Ratio(point.shape().place(), timing.ratio())));
    }
    if (ratios.isEmpty()) {
      return Optional.empty();
    }
    double logarithms = ratios.stream().mapToDouble(ratio -> Math.log(ratio.ratio)).sum();
    return Optional.of(
        new Summary(
            task,
            peer,
            ratios.size(),
            Math.exp(logarithms / ratios.size()),
            ratios.stream().min(Comparator.comparingDouble(Ratio::ratio)).orElseThrow(),
            ratios.stream().filter(ratio -> ratio.ratio < 1).toList()));
  }

  /// Of all libraries and tasks.
  public static List<Summary> all(List<Point> points) {
    List<Summary> all = new ArrayList<>();
    for (Task task : Task.values()) {
      List<Point> own = points.stream().filter(point -> point.shape().task() == task).toList();
      own.stream()
          .flatMap(point -> point.entries().stream().skip(1))
          .map(Entry::peer)
          .distinct()
          .flatMap(peer -> of(task, peer, own).stream())
          .forEach(all::add);
    }
    return all;
  }

  /// As a line for people, next to `unfold`.
  String text(String unfold) {
    String places =
        below.stream()
            .map(ratio -> "%s ×%.3f".formatted(ratio.place, ratio.ratio))
            .collect(Collectors.joining(", "));
    return "%s takes %.2f times as long as %s in the geometric mean of %d, %.2f times at the lowest, %s; below 1: %s."
        .formatted(
            peer,
            geometricMean,
            unfold,
            points,
            lowest.ratio,
            lowest.place,
            below.isEmpty() ? "none" : "%d of %d, %s".formatted(below.size(), points, places));
  }
}
