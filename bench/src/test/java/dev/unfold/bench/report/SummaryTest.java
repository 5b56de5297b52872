package dev.unfold.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.bench.problem.CellKind;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Start;
import dev.unfold.bench.problem.Task;
import dev.unfold.measure.Times;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SummaryTest {
  private static Entry entry(String peer, double seconds) {
    Entry.Timing timing =
        Entry.Timing.of(new Times(new double[] {seconds}), new Times(new double[] {0}), 0.002);
    Entry.Peak peak = peer.equals("unfold") ? new Entry.Peak(100, 0.42) : null;
    return new Entry(peer, "1", "", null, timing, peak, null);
  }

  private static Entry untimed(String reason) {
    return new Entry("other", null, "", null, null, null, reason);
  }

  private static Point point(int width, Entry other) {
    Shape shape = new Shape(Task.TRAINING, CellKind.GRU, width, 2, 4, Start.RANDOM);
    return new Point(shape, List.of(entry("unfold", 0.002), other));
  }

  private static Summary summary(Point... points) {
    return Summary.of(Task.TRAINING, "other", List.of(points)).orElseThrow();
  }

  @Test
  void summary_ofRatios_hasGeometricMeanAndTheLowestWithItsPlace() {
    Summary summary = summary(point(8, entry("other", 0.016)), point(16, entry("other", 0.001)));

    // 8 and 1/2
    assertEquals(2, summary.geometricMean(), 1e-12);
    assertEquals(new Summary.Ratio("gru H=16 B=2", 0.5), summary.lowest());
    assertEquals(List.of(summary.lowest()), summary.below());
    assertEquals(2, summary.points());
    assertEquals(
        "other takes 2.00 times as long as unfold in the geometric mean of 2, 0.50 times at the"
            + " lowest, gru H=16 B=2; below 1: 1 of 2, gru H=16 B=2 ×0.500.",
        summary.text("unfold"));
  }

  @Test
  void summary_whereAllTakeLonger_saysThatNoneIsBelow() {
    String text = summary(point(8, entry("other", 0.004))).text("unfold");

    assertTrue(text.endsWith("; below 1: none."), text);
  }

  @Test
  void summary_whereNotTimed_leavesThePointOut() {
    Point without = point(8, untimed("has no GRU"));

    assertEquals(3, summary(without, point(8, entry("other", 0.006))).geometricMean(), 1e-12);
    assertTrue(Summary.all(List.of(without)).isEmpty());
  }

  @Test
  void table_ofPoints_showsMediansShareRatiosAndReasons() {
    StringWriter text = new StringWriter();
    Table table = new Table(new PrintWriter(text), Task.TRAINING, List.of("unfold", "other"));
    table.begin("Training");
    table.add(point(8, entry("other", 0.003)));
    table.add(point(8, untimed("has no GRU")));
    table.end(List.of(summary(point(8, entry("other", 0.003)))));

    String[] lines = text.toString().lines().toArray(String[]::new);
    assertTrue(
        lines[5].matches(
            "\\| gru   \\|    8 \\|   2 \\|.* 2\\.000 .* \\|    42 % \\| .* 3\\.000 .*×1\\.50 \\|"),
        lines[5]);
    assertTrue(lines[6].endsWith(" - |"), lines[6]);
    assertTrue(text.toString().contains("- other, gru: has no GRU"));
    assertTrue(text.toString().contains("- other takes 1.50 times as long as unfold"));
  }
}
