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

final class MeanTest {
  private static final Shape SHAPE = new Shape(Task.TRAINING, CellKind.GRU, 8, 2, 4, Start.RANDOM);

  private static Entry entry(String peer, double seconds) {
    Entry.Timing timing =
        Entry.Timing.of(new Times(new double[] {seconds}), new Times(new double[] {0}), 0.002);
    return new Entry(peer, "1", "", null, timing, null);
  }

  private static Entry untimed(String reason) {
    return new Entry("other", null, "", null, null, reason);
  }

  private static Point point(Entry other) {
    return new Point(SHAPE, List.of(entry("unfold", 0.002), other));
  }

  @Test
  void mean_ofRatios_isGeometricWithTheLowest() {
    List<Point> points = List.of(point(entry("other", 0.016)), point(entry("other", 0.001)));

    Mean mean = Mean.of("other", points).orElseThrow();

    // 8 and 1/2
    assertEquals(2, mean.geometricMean(), 1e-12);
    assertEquals(0.5, mean.lowest(), 1e-12);
    assertEquals(2, mean.points());
  }

  @Test
  void mean_whereNotTimed_leavesThePointOut() {
    List<Point> points = List.of(point(untimed("has no GRU")), point(entry("other", 0.006)));

    assertEquals(3, Mean.of("other", points).orElseThrow().geometricMean(), 1e-12);
    assertTrue(Mean.of("other", points.subList(0, 1)).isEmpty());
  }

  @Test
  void table_ofPoints_showsMediansRatiosAndReasons() {
    StringWriter text = new StringWriter();
    Table table = new Table(new PrintWriter(text), List.of("unfold", "other"));
    table.begin("Training");
    table.add(point(entry("other", 0.003)));
    table.add(point(untimed("has no GRU")));
    table.end(List.of(new Mean("other", 1.5, 1.5, 1)));

    String[] lines = text.toString().lines().toArray(String[]::new);
    assertTrue(
        lines[5].matches("\\| gru   \\|    8 \\|   2 \\|.* 2\\.000 .* 3\\.000 .*×1\\.50 \\|"));
    assertTrue(lines[6].endsWith(" - |"), lines[6]);
    assertTrue(text.toString().contains("- other, gru: has no GRU"));
    assertTrue(text.toString().contains("other takes 1.50 times as long as unfold"));
  }
}
