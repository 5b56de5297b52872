package dev.unfold.bench.report;

import dev.unfold.bench.problem.Shape;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// A Markdown table that grows by a row for each point, with notes below it.
public final class Table {
  private final PrintWriter out;
  private final List<String> peers;
  private final Set<String> notes = new LinkedHashSet<>();

  /// A table whose columns are `peers`, Unfold first.
  public Table(PrintWriter out, List<String> peers) {
    this.out = out;
    this.peers = peers;
  }

  /// Prints the head.
  public void begin(String title) {
    out.printf("%n%s%n%n", title);
    StringBuilder head = new StringBuilder("| cell  |    H |   B |");
    StringBuilder line = new StringBuilder("|-------|-----:|----:|");
    for (String peer : peers) {
      boolean own = peer.equals(peers.getFirst());
      head.append(own ? " %16s |".formatted(peer) : " %24s |".formatted(peer));
      line.append("-".repeat(own ? 17 : 25)).append(":|");
    }
    out.println(head);
    out.println(line);
    out.flush();
  }

  /// Prints a row.
  public void add(Point point) {
    Shape shape = point.shape();
    StringBuilder row =
        new StringBuilder(
            "| %-5s | %4d | %3d |".formatted(shape.cell().label(), shape.width(), shape.batch()));
    for (Entry entry : point.entries()) {
      row.append(cell(entry, entry.peer().equals(peers.getFirst())));
      note(entry, shape.cell().label());
    }
    out.println(row);
    out.flush();
  }

  private void note(Entry entry, String cell) {
    String start = entry.peer() + ", " + cell + ": ";
    if (entry.reason() != null) {
      notes.add(start + entry.reason());
      return;
    }
    if (!entry.implementation().isEmpty()) {
      notes.add(start + entry.implementation());
    }
    if (entry.check() != null && !entry.check().missing().isEmpty()) {
      notes.add(start + "does not tell " + String.join(", ", entry.check().missing()));
    }
  }

  private static String cell(Entry entry, boolean own) {
    if (entry.timing() == null) {
      return own ? " %16s |".formatted("-") : " %24s |".formatted("-");
    }
    Entry.Timing timing = entry.timing();
    String time = "%9.3f ±%3.0f %%".formatted(timing.medianMillis(), timing.spread() * 100);
    return own ? " %16s |".formatted(time) : " %s %7s |".formatted(time, ratio(timing.ratio()));
  }

  private static String ratio(double ratio) {
    return "×" + (ratio < 9.995 ? "%.2f" : ratio < 99.95 ? "%.1f" : "%.0f").formatted(ratio);
  }

  /// Prints the means, and what is to be said about the rows.
  public void end(List<Mean> means) {
    out.println();
    for (Mean mean : means) {
      out.printf(
          "%s takes %.2f times as long as %s in the geometric mean of %d, %.2f times at the"
              + " lowest.%n",
          mean.peer(), mean.geometricMean(), peers.getFirst(), mean.points(), mean.lowest());
    }
    notes.forEach(note -> out.println("- " + note));
    out.flush();
  }
}
