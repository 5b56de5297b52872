package dev.unfold.run.report;

import dev.unfold.run.score.ForecastScores;
import dev.unfold.run.series.Backtest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How good the forecasts of one target of one series are.
///
/// @param series its name; empty if there is one
/// @param keys the values that tell it from the others
/// @param target the name of the target
/// @param model of the model
/// @param naive of the baseline
/// @param last its last window
public record SeriesScore(
    String series,
    List<String> keys,
    String target,
    ForecastScores model,
    ForecastScores naive,
    Backtest.Tested last) {

  /// Those of all series of a backtest, in the order in which they came.
  public static List<SeriesScore> of(Backtest backtest) {
    Map<List<String>, List<Backtest.Tested>> all = new LinkedHashMap<>();
    for (Backtest.Tested window : backtest.windows()) {
      List<String> key = new ArrayList<>(window.forecast().keys());
      key.add(window.forecast().target());
      all.computeIfAbsent(key, _ -> new ArrayList<>()).add(window);
    }
    double[] levels =
        new BacktestSummary(backtest).levels().stream().mapToDouble(each -> each).toArray();
    return all.values().stream()
        .map(windows -> {
          ForecastScores model = new ForecastScores(backtest.season(), levels);
          ForecastScores naive = new ForecastScores(backtest.season(), levels);
          windows.forEach(window -> {
            model.add(window.score());
            naive.add(window.naiveScore());
          });
          Backtest.Tested last = windows.getLast();
          return new SeriesScore(
              last.forecast().series(),
              last.forecast().keys(),
              last.forecast().target(),
              model,
              naive,
              last);
        })
        .toList();
  }
}
