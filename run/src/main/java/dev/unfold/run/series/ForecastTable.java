package dev.unfold.run.series;

import dev.unfold.data.table.CsvText;
import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.run.output.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Forecasts as a table: a row for each step of each target of each series.
///
///     store,time,target,mean,q0.1,q0.5,q0.9
///
/// @param by the names of the columns that tell series apart
/// @param levels of the quantiles
/// @param forecasts its rows
public record ForecastTable(List<String> by, List<Double> levels, List<Forecast> forecasts) {
  private static final List<String> TAKEN = List.of("time", "target", "mean");
  private static final int DIGITS = 10;
  private static final int LONGEST = 24;

  /// Copies the lists.
  public ForecastTable {
    by = List.copyOf(by);
    levels = List.copyOf(levels);
    forecasts = List.copyOf(forecasts);
  }

  /// Its first line.
  public static String header(List<String> by, List<Double> levels) {
    StringWriter text = new StringWriter();
    new ForecastTable(by, levels, List.of()).csv((Writer) text);
    return text.toString().strip();
  }

  private List<String> names() {
    List<String> names = new ArrayList<>();
    by.forEach(each -> names.add(named(each)));
    names.addAll(TAKEN);
    levels.forEach(level -> names.add("q" + level));
    return names;
  }

  /// Prints it as CSV.
  public void csv(PrintWriter out) {
    StringWriter text = new StringWriter();
    csv((Writer) text);
    out.print(text);
    out.flush();
  }

  /// Writes it to a file, whole or not at all.
  public void write(Path file) {
    StringWriter text = new StringWriter();
    csv((Writer) text);
    AtomicFile.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private void csv(Writer out) {
    try (CsvText rows = new CsvText(out)) {
      rows.row(names());
      for (Forecast each : forecasts) {
        for (int h = 0; h < each.times().size(); h++) {
          List<String> row = new ArrayList<>(each.keys());
          row.add(each.times().get(h));
          row.add(each.target());
          row.add(number(each.means()[h]));
          for (double quantile : each.quantiles()[h]) {
            row.add(number(quantile));
          }
          rows.row(row);
        }
      }
    }
  }

  /// More digits than a network of floats tells apart, and no others.
  private static String number(double value) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(DIGITS));
    String plain = rounded.stripTrailingZeros().toPlainString();
    return plain.length() <= LONGEST ? plain : Double.toString(rounded.doubleValue());
  }

  /// The name of a column that tells series apart, where none of its own has it.
  private static String named(String by) {
    boolean isTaken = TAKEN.contains(by) || by.matches("q[0-9.E-]+");
    return isTaken ? "by_" + by : by;
  }

  /// Prints it as JSON lines.
  public void json(PrintWriter out) {
    for (Forecast each : forecasts) {
      for (int h = 0; h < each.times().size(); h++) {
        Map<String, Object> line = new LinkedHashMap<>();
        for (int i = 0; i < by.size(); i++) {
          line.put(named(by.get(i)), each.keys().get(i));
        }
        line.put("time", each.times().get(h));
        line.put("target", each.target());
        line.put("mean", Json.finite(each.means()[h]));
        for (int q = 0; q < each.levels().size(); q++) {
          line.put("q" + each.levels().get(q), Json.finite(each.quantiles()[h][q]));
        }
        Json.print(out, line);
      }
    }
  }
}
