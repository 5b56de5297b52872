package dev.unfold.cli.report;

import dev.unfold.formats.exchange.Parity;
import dev.unfold.run.output.Json;
import java.io.PrintWriter;
import java.util.List;

/// How far two networks are from each other, a line for each layer.
public final class ParityReport {
  private final PrintWriter out;
  private final boolean isJson;

  /// @param isJson whether a program reads it
  public ParityReport(PrintWriter out, boolean isJson) {
    this.out = out;
    this.isJson = isJson;
  }

  private record Line(
      String place, Double absolute, Double relative, Integer firstStep, boolean close) {}

  /// Prints them.
  ///
  /// @return whether they agree everywhere
  public boolean print(List<Parity.Row> rows) {
    for (Parity.Row row : rows) {
      Integer first = row.firstStep().isPresent() ? row.firstStep().getAsInt() : null;
      if (isJson) {
        Json.print(
            out,
            new Line(
                row.place(),
                Json.finite(row.absolute()),
                Json.finite(row.relative()),
                first,
                row.isClose()));
      } else {
        out.printf(
            "%-8s largest difference %.1e, relative %.1e  %s%n",
            row.place(),
            row.absolute(),
            row.relative(),
            row.isClose() ? "ok" : first == null ? "TOO LARGE" : "TOO LARGE from step " + first);
      }
    }
    return rows.stream().allMatch(Parity.Row::isClose);
  }
}
