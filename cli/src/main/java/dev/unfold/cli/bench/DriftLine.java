package dev.unfold.cli.bench;

import dev.unfold.cli.bench.LinePlot.Scale;
import dev.unfold.run.output.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// What came of one way to learn from a stream.
///
/// @param rate null for who does not learn
/// @param all the mean loss of all steps
/// @param parts of the first, second, third and last quarter
/// @param curve the mean losses of equal parts of the stream
record DriftLine(
    String learner,
    Double rate,
    Double all,
    List<Double> parts,
    double secondsPerStep,
    List<Double> curve) {
  private static final int QUARTERS = 4;

  /// That of a trial on a stream of `steps` steps in `segments` segments.
  static DriftLine of(String name, Double rate, StreamTrial trial, int segments, int steps) {
    return new DriftLine(
        name,
        rate,
        Json.finite(trial.mean(0, 1, segments)),
        means(trial, segments, QUARTERS),
        trial.seconds() / steps,
        means(trial, segments, DriftArguments.BINS));
  }

  private static List<Double> means(StreamTrial trial, int all, int parts) {
    return IntStream.range(0, parts)
        .mapToObj(i -> Json.finite(trial.mean((double) i / parts, (i + 1.0) / parts, all)))
        .toList();
  }

  /// The names of the columns of [#text].
  static String header() {
    return "%-24s  %7s  %9s  %9s  %9s  %9s  %9s  %10s"
        .formatted("learner", "rate", "all", "1st", "2nd", "3rd", "4th", "us a step");
  }

  String text() {
    return "%-24s  %7s  %9s  %9s  %9s  %9s  %9s  %10.2f"
        .formatted(
            learner,
            rate == null ? "" : rate.toString(),
            number(all),
            number(parts.get(0)),
            number(parts.get(1)),
            number(parts.get(2)),
            number(parts.get(3)),
            secondsPerStep * 1e6);
  }

  private static String number(Double loss) {
    return loss == null ? "diverged" : "%.4f".formatted(loss);
  }

  /// The curves of all, over `steps` steps.
  static String picture(List<DriftLine> lines, int steps) {
    LinePlot plot = new LinePlot("Loss before each step is learned", "step", "loss", Scale.LINEAR);
    for (DriftLine line : lines) {
      List<double[]> points = new ArrayList<>();
      for (int i = 0; i < line.curve.size() && line.curve.get(i) != null; i++) {
        points.add(new double[] {(i + 0.5) * steps / DriftArguments.BINS, line.curve.get(i)});
      }
      plot.line(line.learner, points);
    }
    return LinePlot.svg(List.of(plot));
  }
}
