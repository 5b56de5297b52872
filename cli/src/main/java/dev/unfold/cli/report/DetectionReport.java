package dev.unfold.cli.report;

import dev.unfold.run.output.Wording;
import dev.unfold.run.series.AlarmRate;
import dev.unfold.run.series.Detection;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// The alarms of a detector for people: a line where each begins.
public final class DetectionReport {
  private final PrintWriter out;
  private final AlarmRate rate;
  private final Map<List<String>, Long> known = new HashMap<>();
  private final Set<List<String>> series = new HashSet<>();
  private long events;
  private long alarms;

  /// @param out where lines go
  /// @param rate of false alarms that is put up with
  public DetectionReport(PrintWriter out, AlarmRate rate) {
    this.out = out;
    this.rate = rate;
  }

  /// Takes in what is said of an event.
  public void add(Detection of) {
    events++;
    series.add(of.keys());
    if (!of.alarm()) {
      return;
    }
    Long before = known.put(of.keys(), of.alarms());
    if (before != null && before == of.alarms()) {
      return;
    }
    alarms++;
    Detection.Value odd = of.oddest();
    out.printf(
        Locale.ROOT,
        "%s%s  %s %s, expected %s to %s  (score %.2g)%n",
        of.time(),
        of.keys().isEmpty() ? "" : "  " + String.join(", ", of.keys()),
        odd.target(),
        number(odd.value()),
        number(odd.low()),
        number(odd.high()),
        of.score());
    out.flush();
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "missing" : String.format(Locale.ROOT, "%.5g", value);
  }

  /// Tells how many there were.
  public void end(Path file) {
    out.printf(
        "%s of %s, %s (%s was put up with in each); all events in %s%n",
        Wording.count(events, "event"),
        series.size() == 1 ? "1 series" : Wording.count(series.size()) + " series",
        Wording.count(alarms, "alarm"),
        rate.text(),
        file);
    out.flush();
  }
}
