package dev.unfold.serve.predict;

import dev.unfold.argument.Refusal;
import dev.unfold.data.series.Panel;
import dev.unfold.data.series.Series;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Table;
import dev.unfold.data.table.TableFile;
import dev.unfold.run.output.Json;
import dev.unfold.run.series.Forecast;
import dev.unfold.run.series.ForecastTable;
import dev.unfold.run.series.Forecaster;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a model of series foresees after the last rows of a table: the numbers of `unfold forecast`.
///
/// @param forecaster the model
/// @param panel the series of the table
/// @param forecasts series by series, target by target
public record SeriesPrediction(Forecaster forecaster, Panel panel, List<Forecast> forecasts) {
  /// Of all series of a request.
  private static final long MOST_BYTES = 64 << 20;

  /// Of an answer.
  private static final long MOST_NUMBERS = 1 << 20;

  private static final long MOST_SAMPLES = 1 << 22;

  /// Copies the list.
  public SeriesPrediction {
    forecasts = List.copyOf(forecasts);
  }

  /// Foresees what comes after the rows that `body` has.
  ///
  /// @param body a table, CSV or JSON lines
  ///
  /// **Errors**: [DataException] that names line and column; [Refusal] for what would be too much.
  public static SeriesPrediction of(Forecaster forecaster, byte[] body, PredictOptions options) {
    Panel panel;
    try (Table table = Table.read(List.of(TableFile.of(Predictions.BODY, body)), options.table())) {
      panel = forecaster.panel(List.of(table), MOST_BYTES);
    }
    long forecasts = (long) panel.series().size() * panel.targets();
    int steps = options.paths() > 0 ? options.ahead() : forecaster.spec().horizon();
    long levels = forecaster.output().levels().size();
    expectFew("numbers", MOST_NUMBERS, forecasts * (steps * (levels + 1) + options.history()));
    expectFew("steps of paths", MOST_SAMPLES, forecasts * steps * options.paths());
    return new SeriesPrediction(
        forecaster,
        panel,
        options.paths() == 0
            ? forecaster.forecast(panel)
            : forecaster.paths(panel, steps, options.paths(), options.seed()));
  }

  private static void expectFew(String what, long most, long got) {
    if (got > most) {
      throw new Refusal(
          Predictions.BODY,
          "few enough series that an answer has at most %,d %s".formatted(most, what),
          "%,d".formatted(got));
    }
  }

  /// As `unfold forecast` prints it.
  public String csv() {
    StringWriter text = new StringWriter();
    new ForecastTable(panel.columns().by(), forecaster.output().levels(), forecasts)
        .csv(new PrintWriter(text));
    return text.toString();
  }

  /// As members of an answer.
  ///
  /// @param history values before the first foreseen one that are told
  public Map<String, Object> members(int history) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("kind", "series");
    members.put("frequency", forecaster.spec().frequency().text());
    int steps = forecasts.getFirst().times().size();
    forecaster.note(panel, steps).ifPresent(note -> members.put("note", note));
    List<Map<String, Object>> all = new ArrayList<>();
    for (int i = 0; i < forecasts.size(); i++) {
      int target = i % panel.targets();
      all.add(members(forecasts.get(i), panel.series().get(i / panel.targets()), target, history));
    }
    members.put("forecasts", all);
    return members;
  }

  private Map<String, Object> members(Forecast forecast, Series series, int target, int history) {
    Map<String, Object> own = new LinkedHashMap<>();
    own.put("series", forecast.series());
    Map<String, String> keys = new LinkedHashMap<>();
    List<String> by = panel.columns().by();
    for (int k = 0; k < by.size(); k++) {
      keys.put(by.get(k), forecast.keys().get(k));
    }
    own.put("keys", keys);
    own.put("target", forecast.target());
    own.put("times", forecast.times());
    own.put("mean", finite(forecast.means()));
    Map<String, Object> quantiles = new LinkedHashMap<>();
    for (int q = 0; q < forecast.levels().size(); q++) {
      double[] level = new double[forecast.quantiles().length];
      for (int h = 0; h < level.length; h++) {
        level[h] = forecast.quantiles()[h][q];
      }
      quantiles.put(Double.toString(forecast.levels().get(q)), finite(level));
    }
    own.put("quantiles", quantiles);
    if (history > 0) {
      own.put("history", before(series, target, forecast.origin(), history));
    }
    return own;
  }

  private static Map<String, Object> before(Series series, int target, int origin, int history) {
    int from = Math.max(0, origin - history);
    List<String> times = new ArrayList<>();
    for (int t = from; t < origin; t++) {
      times.add(series.timeline().text(t));
    }
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("times", times);
    members.put("values", finite(series.numbers()[target].copy(from, origin)));
    return members;
  }

  /// JSON has no other numbers.
  private static List<Double> finite(double... numbers) {
    List<Double> all = new ArrayList<>(numbers.length);
    for (double each : numbers) {
      all.add(Json.finite(each));
    }
    return all;
  }
}
