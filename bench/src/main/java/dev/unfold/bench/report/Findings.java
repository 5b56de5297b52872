package dev.unfold.bench.report;

import dev.unfold.argument.Refusal;
import dev.unfold.bench.problem.Shape;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// All of a run.
///
/// @param command how to run it again
/// @param machine what ran it
/// @param build which build of Unfold
/// @param threads of each library
/// @param warmup seconds before
/// @param seconds that each library was timed at each point
/// @param points in the order they were run
/// @param summaries of each task and library
public record Findings(
    String command,
    Machine machine,
    String build,
    int threads,
    double warmup,
    double seconds,
    List<Point> points,
    List<Summary> summaries) {
  /// Copies the lists.
  public Findings {
    points = List.copyOf(points);
    summaries = List.copyOf(summaries);
  }

  /// The same with other points.
  public Findings with(List<Point> others) {
    return new Findings(
        command, machine, build, threads, warmup, seconds, others, Summary.all(others));
  }

  /// The point at `shape`, if there is one.
  public Optional<Point> at(Shape shape) {
    return points.stream().filter(point -> point.shape().equals(shape)).findFirst();
  }

  /// Checks that points of `earlier` may stand next to those of this run.
  ///
  /// **Errors**: [IllegalArgumentException] that names the first difference.
  public void expectGoesOn(Findings earlier) {
    expectSame("the same machine", machine, earlier.machine);
    expectSame("the same build of Unfold", build, earlier.build);
    expectSame("--threads", threads, earlier.threads);
    expectSame("--warmup", warmup, earlier.warmup);
    expectSame("--seconds", seconds, earlier.seconds);
  }

  private static void expectSame(String what, Object here, Object there) {
    if (!Objects.equals(here, there)) {
      throw new Refusal("resume", "a file of %s, %s".formatted(what, here), there);
    }
  }
}
