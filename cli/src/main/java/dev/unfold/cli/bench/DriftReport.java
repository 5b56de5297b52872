package dev.unfold.cli.bench;

import dev.unfold.cli.bench.DriftArguments.Streams;
import dev.unfold.cli.option.SvgOption;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Wording;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/// Tells how those who learn from a stream do, a line each as it is known, and draws them.
final class DriftReport {
  private final PrintWriter out;
  private final boolean isJson;
  private final List<DriftLine> lines = new ArrayList<>();

  /// @param isJson whether lines are JSON
  DriftReport(PrintWriter out, boolean isJson) {
    this.out = out;
    this.isJson = isJson;
  }

  /// Begins: the network, the stream, and what the columns are.
  ///
  /// @param more that is told of how it is learned
  void head(Streams streams, int segment, String more) {
    if (!isJson) {
      NetworkSpec made = streams.network().spec();
      out.printf(
          "%s  H=%d, %s, %s a segment, %s%n",
          made.cellNames(), made.hidden(), streams.what(), Wording.count(segment, "step"), more);
      out.println(DriftLine.header());
    }
  }

  /// How one of them does.
  void add(DriftLine line) {
    lines.add(line);
    if (isJson) {
      Json.print(out, line);
      return;
    }
    out.println(line.text());
    out.flush();
  }

  /// Draws all, where a picture is asked for.
  void draw(SvgOption svg, int tokens) {
    svg.write(() -> DriftLine.picture(lines, tokens));
  }
}
