package dev.unfold.run.series;

import dev.unfold.run.output.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a detector says as rows of a table, one an event: what tells the series from the others, the time, for each
/// target what came, what was expected, between which values it was expected, and its score, then the score of the
/// event, and the number of the alarm that it gives, or 0.
///
///     host,time,cpu,cpu_expected,cpu_low,cpu_high,cpu_score,score,alarm
///
/// @param by the names of the columns that tell series apart
/// @param targets the names of the targets
public record DetectionTable(List<String> by, List<String> targets) {
  private static final List<String> PARTS = List.of("", "_expected", "_low", "_high", "_score");

  private static final List<String> OWN = List.of("time", "score", "alarm");

  /// Copies the lists.
  public DetectionTable {
    by = List.copyOf(by);
    targets = List.copyOf(targets);
  }

  private List<String> names() {
    List<String> names = new ArrayList<>();
    names.add("time");
    for (String target : targets) {
      PARTS.forEach(part -> names.add(ofTarget(target) + part));
    }
    names.add("score");
    names.add("alarm");
    names.addAll(0, by.stream().map(each -> names.contains(each) ? "by_" + each : each).toList());
    return names;
  }

  /// The name of a target, where none of the table's own has it.
  private static String ofTarget(String target) {
    return OWN.contains(target) ? "target_" + target : target;
  }

  /// Its first line, without a line break.
  public String header() {
    StringBuilder line = new StringBuilder();
    names().forEach(name -> put(line, name).append(','));
    line.setLength(line.length() - 1);
    return line.toString();
  }

  /// Adds a line, with a line break.
  public void row(StringBuilder line, Detection of) {
    for (String key : of.keys()) {
      put(line, key).append(',');
    }
    put(line, of.time()).append(',');
    for (Detection.Value value : of.values()) {
      number(line, value.value());
      brief(line, value.expected());
      brief(line, value.low());
      brief(line, value.high());
      brief(line, value.score());
    }
    brief(line, of.score());
    line.append(of.alarm() ? of.alarms() : 0).append('\n');
  }

  private static StringBuilder put(StringBuilder line, String text) {
    boolean isPlain = true;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      isPlain &= c != ',' && c != '"' && c != '\n' && c != '\r';
    }
    return isPlain
        ? line.append(text)
        : line.append('"').append(text.replace("\"", "\"\"")).append('"');
  }

  /// A number as it came.
  private static void number(StringBuilder line, double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      line.append((long) value);
    } else if (!Double.isNaN(value)) {
      line.append(value);
    }
    line.append(',');
  }

  /// A number that a network of floats says.
  private static void brief(StringBuilder line, double value) {
    if (!Double.isNaN(value)) {
      line.append((float) value);
    }
    line.append(',');
  }

  /// A line of JSON, with a line break.
  public void json(StringBuilder line, Detection of) {
    Map<String, Object> all = new LinkedHashMap<>();
    for (int i = 0; i < by.size(); i++) {
      all.put(names().get(i), of.keys().get(i));
    }
    all.put("time", of.time());
    for (Detection.Value value : of.values()) {
      String name = ofTarget(value.target());
      all.put(name, Json.finite(value.value()));
      all.put(name + "_expected", Json.finite(value.expected()));
      all.put(name + "_low", Json.finite(value.low()));
      all.put(name + "_high", Json.finite(value.high()));
      all.put(name + "_score", Json.finite(value.score()));
    }
    all.put("score", Json.finite(of.score()));
    all.put("alarm", of.alarm() ? of.alarms() : 0);
    line.append(Json.text(all)).append('\n');
  }
}
