package dev.unfold.cli.report;

import dev.unfold.run.Report;
import java.io.PrintWriter;
import java.time.Duration;

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
  public static Report json(PrintWriter out) {
    return new JsonReport(out);
  }
}
