package dev.unfold.bench.report;

import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Task;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// A Markdown table that grows by a row for each point, with notes below it.
public final class Table {
  private static final String PEAK = " %7s |";

  private final PrintWriter out;
  private final Task task;
  private final List<String> peers;
  private final Set<String> notes = new LinkedHashSet<>();

  /// A table whose columns are `peers`, Unfold first.
  public Table(PrintWriter out, Task task, List<String> peers) {
    this.out = out;
    this.task = task;
    this.peers = peers;
  }

  /// Prints the head.
  public void begin(String title) {
    out.printf("%n%s%n%n", title);
    StringBuilder head =
        new StringBuilder("| cell  |    H |   B |" + (isWhole() ? "     V |" : ""));
    StringBuilder line =
        new StringBuilder("|-------|-----:|----:|" + (isWhole() ? "------:|" : ""));
    for (String peer : peers) {
      boolean own = peer.equals(peers.getFirst());
      head.append(own ? " %16s |".formatted(peer) : " %24s |".formatted(peer));
      line.append("-".repeat(own ? 17 : 25)).append(":|");
      if (own && task == Task.TRAINING) {
        head.append(PEAK.formatted("of peak"));
        line.append("--------:|");
      }
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
    if (isWhole()) {
      row.append(" %5d |".formatted(shape.vocabulary()));
    }
    for (Entry entry : point.entries()) {
      boolean own = entry.peer().equals(peers.getFirst());
      row.append(cell(entry, own));
      if (own && task == Task.TRAINING) {
        row.append(PEAK.formatted(share(entry.peak())));
      }
      note(entry, shape.cell().label());
    }
    out.println(row);
    out.flush();
  }

  private boolean isWhole() {
    return task == Task.WHOLE_TRAINING;
  }

  private static String share(Entry.Peak peak) {
    return peak == null ? "-" : "%.0f %%".formatted(peak.share() * 100);
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

  /// Prints the summaries, and what is to be said about the rows.
  public void end(List<Summary> summaries) {
    out.println();
    summaries.forEach(summary -> out.println("- " + summary.text(peers.getFirst())));
    notes.forEach(note -> out.println("- " + note));
    out.flush();
  }
}
