package dev.unfold.cli.report;

import dev.unfold.run.Report;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Chooses how a training run is reported: lines to the output, and a progress bar if somebody watches.
public final class Reports {
  private static final Duration LINE = Duration.ofSeconds(10);

  private Reports() {}

  public static Report text(PrintWriter out) {
    return Terminal.isWatched()
        ? new BarReport(new TextReport(out, Cadence.never()))
        : new TextReport(out, Cadence.of(LINE));
  }

  /// No bar: a program reads the lines, and those tell how far it is.
  /// @param options of the run, by names, as they stand in its `config.txt`
  public static Report json(PrintWriter out, Map<String, List<String>> options) {
    return new JsonReport(out, options);
  }
}
