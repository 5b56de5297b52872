package dev.unfold.cli.report;

import dev.unfold.run.output.Json;
import dev.unfold.run.output.Wording;
import dev.unfold.run.score.ForecastScore;
import dev.unfold.run.score.ForecastScores;
import dev.unfold.run.series.Backtest;
import dev.unfold.run.series.Forecaster;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;

/// Tells how good forecasts were.
///
/// @param forecaster that made them
/// @param backtest what came of them
public record BacktestReport(Forecaster forecaster, Backtest backtest) {
  /// A score, as it is called in a table and in JSON.
  private record Score(
      String name, String key, Function<ForecastScores, OptionalDouble> of, int undefined) {}

  private List<Score> scores() {
    ForecastScores model = backtest.model();
    List<Double> levels = forecaster.output().levels();
    List<Score> all = new ArrayList<>();
    all.add(
        new Score("sMAPE", "smape", ForecastScores::smape, model.undefined(ForecastScore::smape)));
    all.add(new Score("MAPE", "mape", ForecastScores::mape, model.undefined(ForecastScore::mape)));
    all.add(new Score("MASE", "mase", ForecastScores::mase, model.undefined(ForecastScore::mase)));
    all.add(new Score("mean wQL", "mean_wql", ForecastScores::meanWeightedQuantileLoss, 0));
    if (levels.contains(0.025) && levels.contains(0.975)) {
      all.add(
          new Score(
              "MSIS 95 %",
              "msis95", each -> each.msis(0.95), model.undefined(ForecastScore::mase)));
      all.add(new Score("within 95 %", "coverage95", each -> each.intervalCoverage(0.95), 0));
    }
    if (levels.contains(0.1) && levels.contains(0.9)) {
      all.add(new Score("within 80 %", "coverage80", each -> each.intervalCoverage(0.8), 0));
    }
    return all;
  }

  /// Prints it for people.
  public void print(PrintWriter out) {
    int season = backtest.season();
    out.printf(
        "%s of %s steps, season %d%n%n",
        Wording.count(backtest.windows().size(), "window"), forecaster.spec().horizon(), season);
    String naive = season == 1 ? "last value" : "seasonal naive";
    out.printf("%-12s %12s %16s%n", "", "model", naive);
    for (Score score : scores()) {
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
    out.printf("%n%s%n", verdict());
  }

  private boolean isShown(int step) {
    int horizon = backtest.steps().size();
    int every = Math.max(1, horizon / 12);
    return step == 1 || step == horizon || step % every == 0;
  }

  /// Whether the model is worth having.
  public String verdict() {
    OptionalDouble model = backtest.model().mase();
    OptionalDouble naive = backtest.naive().mase();
    if (model.isEmpty() || naive.isEmpty()) {
      return "Whether the model is better than the seasonal naive method cannot be told.";
    }
    if (naive.getAsDouble() == 0) {
      return "The model is not better than the seasonal naive method, which makes no error.";
    }
    double gain = 1 - model.getAsDouble() / naive.getAsDouble();
    return gain > 0
        ? "The model's error is %.1f %% below that of the seasonal naive method."
            .formatted(100 * gain)
        : "The model is not better than the seasonal naive method: its error is %.1f %% above."
            .formatted(-100 * gain);
  }

  private static String text(OptionalDouble score) {
    return score.isEmpty() ? "-" : "%.4f".formatted(score.getAsDouble());
  }

  /// Prints it as one JSON object.
  public void json(PrintWriter out) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("windows", backtest.windows().size());
    line.put("horizon", forecaster.spec().horizon());
    line.put("season", backtest.season());
    for (Score score : scores()) {
      line.put(score.key(), json(score.of().apply(backtest.model())));
      line.put("naive_" + score.key(), json(score.of().apply(backtest.naive())));
    }
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
    Json.print(out, line);
  }

  private static Double json(OptionalDouble score) {
    return score.isEmpty() ? null : score.getAsDouble();
  }
}
