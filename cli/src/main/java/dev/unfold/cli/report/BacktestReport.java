package dev.unfold.cli.report;

import dev.unfold.run.output.Json;
import dev.unfold.run.output.OutputFile;
import dev.unfold.run.output.Wording;
import dev.unfold.run.report.BacktestSummary;
import dev.unfold.run.report.SeriesScore;
import dev.unfold.run.score.ForecastScores;
import dev.unfold.run.series.Backtest;
import dev.unfold.run.series.Forecaster;
import dev.unfold.run.series.StateUse;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// Tells how good forecasts were.
///
/// @param forecaster that made them
/// @param backtest what came of them
public record BacktestReport(Forecaster forecaster, Backtest backtest) {
  /// How a file of scores starts.
  public static final String START = "{\"windows\":";

  private BacktestSummary summary() {
    return new BacktestSummary(backtest);
  }

  /// Prints it for people.
  public void print(PrintWriter out) {
    int season = backtest.season();
    out.printf(
        "%s of %s steps, season %d; %s%n%n",
        Wording.count(backtest.windows().size(), "window"),
        forecaster.spec().horizon(),
        season,
        forecaster.spec().state() == StateUse.CARRIED
            ? "one pass, in which each origin forks the state"
            : "each origin is encoded anew");
    String naive = summary().naive();
    out.printf("%-12s %12s %16s%n", "", "model", naive);
    for (BacktestSummary.Score score : summary().scores()) {
      out.printf(
          "%-12s %12s %16s%s%n",
          score.name(),
          text(score.of().apply(backtest.model())),
          text(score.of().apply(backtest.naive())),
          score.undefined() == 0
              ? ""
              : "   not defined for " + Wording.count(score.undefined(), "window"));
    }
    out.printf("%nby step %8s %12s %16s%n", "MAPE", "mean wQL", naive);
    for (Backtest.StepScore step : backtest.steps()) {
      if (isShown(step.step())) {
        out.printf(
            "%7d %8s %12s %16s%n",
            step.step(),
            text(step.model().mape()),
            text(step.model().meanWeightedQuantileLoss()),
            text(step.naive().meanWeightedQuantileLoss()));
      }
    }
    out.printf("%n%s%n", summary().verdict());
  }

  private boolean isShown(int step) {
    int horizon = backtest.steps().size();
    int every = Math.max(1, horizon / 12);
    return step == 1 || step == horizon || step % every == 0;
  }

  private static String text(OptionalDouble score) {
    return score.isEmpty() ? "-" : "%.4f".formatted(score.getAsDouble());
  }

  /// Prints it as one JSON object.
  public void json(PrintWriter out) {
    Json.print(out, scores());
  }

  /// Writes the same and the scores of each series, whole or not at all.
  public void write(Path file) {
    Map<String, Object> all = scores();
    List<Map<String, Object>> series = new ArrayList<>();
    for (SeriesScore score : SeriesScore.of(backtest)) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("series", score.keys());
      one.put("target", score.target());
      one.put("windows", score.model().windows());
      add(one, score.model(), score.naive());
      series.add(one);
    }
    all.put("series", series);
    OutputFile.write(file, Json.text(all) + "\n");
  }

  private void add(Map<String, Object> line, ForecastScores model, ForecastScores naive) {
    for (BacktestSummary.Score score : summary().scores()) {
      line.put(score.key(), json(score.of().apply(model)));
      line.put("naive_" + score.key(), json(score.of().apply(naive)));
    }
  }

  private Map<String, Object> scores() {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("windows", backtest.windows().size());
    line.put("horizon", forecaster.spec().horizon());
    line.put("season", backtest.season());
    add(line, backtest.model(), backtest.naive());
    List<Map<String, Object>> steps = new ArrayList<>();
    for (Backtest.StepScore step : backtest.steps()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("step", step.step());
      one.put("smape", json(step.model().smape()));
      one.put("mape", json(step.model().mape()));
      one.put("mean_wql", json(step.model().meanWeightedQuantileLoss()));
      one.put("naive_mean_wql", json(step.naive().meanWeightedQuantileLoss()));
      steps.add(one);
    }
    line.put("steps", steps);
    return line;
  }

  private static Double json(OptionalDouble score) {
    return score.isEmpty() ? null : score.getAsDouble();
  }
}
