package dev.unfold.run.series;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.data.series.Numbers;
import dev.unfold.data.series.Panel;
import dev.unfold.data.series.Series;
import dev.unfold.data.source.DataException;
import dev.unfold.run.score.ForecastScore;
import dev.unfold.run.score.ForecastScores;
import dev.unfold.run.series.OriginData.Origin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Forecasts of what is known by now, from origins that follow each other, beside those of the seasonal naive method.
///
/// @param season by which errors are scaled
/// @param windows fold by fold, the oldest first
/// @param model how good the model is
/// @param naive how good the baseline is
/// @param steps the same by step of the horizon
public record Backtest(
    int season,
    List<Tested> windows,
    ForecastScores model,
    ForecastScores naive,
    List<StepScore> steps) {

  /// A forecast and what came.
  ///
  /// @param forecast it
  /// @param actual what came, NaN for missing values
  /// @param naive the quantiles of the baseline
  /// @param score how good the forecast is
  /// @param naiveScore how good the baseline is
  public record Tested(
      Forecast forecast,
      double[] actual,
      double[][] naive,
      ForecastScore score,
      ForecastScore naiveScore) {}

  /// How good the forecasts of a step are.
  ///
  /// @param step from 1
  /// @param model of the model
  /// @param naive of the baseline
  public record StepScore(int step, ForecastScores model, ForecastScores naive) {}

  /// Tests `forecaster` on the last windows of `panel`: the last of them ends with the last target, and each begins
  /// `stride` steps after the one before. A panel is cut at a time: a series that has ended, or not begun, has fewer.
  ///
  /// **Errors**: [DataException] if no series is long enough; [IllegalArgumentException] if folds or stride are below
  /// 1.
  public static Backtest of(Forecaster forecaster, Panel panel, int folds, int stride) {
    return of(forecaster, panel, folds, stride, forecaster.spec().season());
  }

  /// The same with errors scaled by another season, which is that of the baseline, too.
  public static Backtest of(Forecaster forecaster, Panel panel, int folds, int stride, int season) {
    Expect.positive("season", "m", season);
    Expect.given("panel", panel);
    Expect.positive("folds", "a number", folds);
    Expect.positive("stride", "steps", stride);
    SeriesSpec spec = forecaster.spec();
    expectCountable(spec.horizon(), folds, stride);
    List<Channel> channels = Channels.of(panel, spec).all();
    List<Origin> origins = new ArrayList<>();
    for (int fold = 0; fold < folds; fold++) {
      Optional<List<Origin>> own = origins(spec, panel, channels, fold * stride);
      if (own.isEmpty()) {
        break;
      }
      origins.addAll(0, own.orElseThrow());
    }
    if (origins.isEmpty()) {
      throw noWindows(spec.horizon());
    }
    return score(forecaster, origins, season);
  }

  private static DataException noWindows(int horizon) {
    return new DataException(
        "expected a series with more than H=%d steps to test on, got none".formatted(horizon));
  }

  /// Checks that there is something to test on, before a model is trained for it.
  ///
  /// **Errors**: [DataException] if there is not.
  static void expectWindows(Panel panel, int horizon, int folds, int stride) {
    for (int fold = 0; fold < folds; fold++) {
      Cut cut = Cut.before(panel, horizon + fold * stride);
      for (Series series : panel.series()) {
        int origin = cut.end(series, panel.targets());
        for (int t = origin; origin >= 2 && t < series.steps() && t < origin + horizon; t++) {
          for (int target = 0; target < panel.targets(); target++) {
            if (!Double.isNaN(series.numbers()[target].at(t))) {
              return;
            }
          }
        }
      }
    }
    throw noWindows(horizon);
  }

  static void expectCountable(int horizon, int folds, int stride) {
    if ((long) (folds - 1) * stride + horizon > Integer.MAX_VALUE) {
      throw new Refusal("folds, stride", "fewer steps than 2^31", folds + ", " + stride);
    }
  }

  /// The origins of the windows that end `back` steps before the last target; empty if no series has begun by then.
  static Optional<List<Origin>> origins(
      SeriesSpec spec, Panel panel, List<Channel> channels, int back) {
    List<Origin> own = new ArrayList<>();
    Cut cut = Cut.before(panel, spec.horizon() + back);
    boolean isThere = false;
    for (Channel channel : channels) {
      int origin = cut.end(channel.series(), spec.targets());
      isThere |= origin >= 2;
      if (origin >= 2 && new Window(spec, channel, origin).hasTargets()) {
        own.add(new Origin(channel, origin));
      }
    }
    return isThere ? Optional.of(own) : Optional.empty();
  }

  private static Backtest score(Forecaster forecaster, List<Origin> origins, int season) {
    return score(origins, forecaster.forecast(origins), season);
  }

  /// How good forecasts from these origins are.
  static Backtest score(List<Origin> origins, List<Forecast> forecasts, int season) {
    List<Double> listed = forecasts.getFirst().levels();
    int horizon = forecasts.getFirst().times().size();
    double[] levels = listed.stream().mapToDouble(each -> each).toArray();
    SeasonalNaive baseline = new SeasonalNaive(season, listed);
    ForecastScores model = new ForecastScores(season, levels);
    ForecastScores naive = new ForecastScores(season, levels);
    List<StepScore> steps = new ArrayList<>();
    for (int h = 0; h < horizon; h++) {
      steps.add(
          new StepScore(
              h + 1, new ForecastScores(season, levels), new ForecastScores(season, levels)));
    }
    List<Tested> all = new ArrayList<>();
    for (int i = 0; i < origins.size(); i++) {
      Channel channel = origins.get(i).channel();
      Numbers values = channel.series().numbers()[channel.target()];
      int origin = origins.get(i).step();
      double[] past = values.copy(0, origin);
      double[] actual = new double[horizon];
      Arrays.setAll(actual, h -> origin + h < values.length() ? values.at(origin + h) : Double.NaN);
      double[][] quantiles = baseline.quantiles(past, horizon);
      Forecast forecast = forecasts.get(i);
      all.add(
          new Tested(
              forecast,
              actual,
              quantiles,
              model.add(past, actual, forecast.quantiles()),
              naive.add(past, actual, quantiles)));
      double[] recent = Arrays.copyOfRange(past, Math.max(0, origin - 1), origin);
      for (StepScore step : steps) {
        int h = step.step() - 1;
        double[] own = {actual[h]};
        step.model().add(recent, own, new double[][] {forecast.quantiles()[h]});
        step.naive().add(recent, own, new double[][] {quantiles[h]});
      }
    }
    return new Backtest(season, List.copyOf(all), model, naive, List.copyOf(steps));
  }
}
