package dev.unfold.run.report;

import dev.unfold.run.score.ForecastScore;
import dev.unfold.run.score.ForecastScores;
import dev.unfold.run.series.Backtest;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/// What a backtest comes to: its scores by name, and whether the model is worth having.
///
/// @param backtest that is told of
public record BacktestSummary(Backtest backtest) {
  /// A score.
  ///
  /// @param name as people call it
  /// @param key as programs call it
  /// @param of what it is of scores
  /// @param undefined for how many windows it is not defined
  public record Score(
      String name, String key, Function<ForecastScores, OptionalDouble> of, int undefined) {}

  /// The levels of the quantiles.
  public List<Double> levels() {
    return backtest.windows().getFirst().forecast().levels();
  }

  /// The scores that its quantiles allow.
  public List<Score> scores() {
    ForecastScores model = backtest.model();
    List<Double> levels = levels();
    int unscaled = model.undefined(ForecastScore::mase);
    List<Score> all = new ArrayList<>();
    all.add(
        new Score("sMAPE", "smape", ForecastScores::smape, model.undefined(ForecastScore::smape)));
    all.add(new Score("MAPE", "mape", ForecastScores::mape, model.undefined(ForecastScore::mape)));
    all.add(new Score("MASE", "mase", ForecastScores::mase, unscaled));
    all.add(new Score("mean wQL", "mean_wql", ForecastScores::meanWeightedQuantileLoss, 0));
    if (levels.contains(0.025) && levels.contains(0.975)) {
      all.add(new Score("MSIS 95 %", "msis95", each -> each.msis(0.95), unscaled));
      all.add(new Score("within 95 %", "coverage95", each -> each.intervalCoverage(0.95), 0));
    }
    if (levels.contains(0.1) && levels.contains(0.9)) {
      all.add(new Score("within 80 %", "coverage80", each -> each.intervalCoverage(0.8), 0));
    }
    return all;
  }

  /// What the baseline is called.
  public String naive() {
    return backtest.season() == 1 ? "last value" : "seasonal naive";
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
}
