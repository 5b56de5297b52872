package dev.unfold.run.series;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.data.series.Panel;
import dev.unfold.run.series.OriginData.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntFunction;

/// A backtest that begins without a model: one is trained on what lies before the first fold, and if that is asked for
/// again before later ones, on all that is known by then. What chooses the best parameters lies before the fold as
/// well.
///
/// @param backtest how good the forecasts were
/// @param forecasters in the order in which they were trained
public record TrainedBacktest(Backtest backtest, List<Forecaster> forecasters) {
  /// Copies the list.
  public TrainedBacktest {
    forecasters = List.copyOf(forecasters);
  }

  /// Which windows are tested.
  ///
  /// @param count windows of each series, the last of which ends with the panel
  /// @param stride steps between two of them
  /// @param refit windows until a model is trained again; empty for never
  public record Folds(int count, int stride, OptionalInt refit) {
    /// Checks the numbers.
    public Folds {
      Expect.positive("folds", "a number", count);
      Expect.positive("stride", "steps", stride);
      refit.ifPresent(every -> Expect.positive("refit", "folds", every));
    }

    /// How many models are trained.
    public int trainings() {
      return refit.isEmpty() ? 1 : Math.ceilDiv(count, refit.getAsInt());
    }
  }

  /// Trains and tests.
  ///
  /// @param season by which errors are scaled; that of the first model if empty
  /// @param training gives a model of all but so many steps at the end of the panel, as [SeriesOptions#holdout] counts
  ///
  /// **Errors**: [dev.unfold.data.source.DataException] if what lies before the first fold is too little to learn from.
  public static TrainedBacktest of(
      Panel panel, int horizon, Folds folds, OptionalInt season, IntFunction<Forecaster> training) {
    Expect.given("panel", panel);
    Backtest.expectCountable(horizon, folds.count(), folds.stride());
    Backtest.expectWindows(panel, horizon, folds.count(), folds.stride());
    int every = folds.refit().orElse(folds.count());
    List<Forecaster> forecasters = new ArrayList<>();
    List<Origin> origins = new ArrayList<>();
    List<Forecast> forecasts = new ArrayList<>();
    for (int first = 0; first < folds.count(); first += every) {
      int oldest = (folds.count() - 1 - first) * folds.stride();
      Forecaster forecaster = training.apply(horizon + oldest);
      if (forecaster.spec().horizon() != horizon) {
        throw new Refusal("training", "a model of H=" + horizon, forecaster.spec().horizon());
      }
      forecasters.add(forecaster);
      List<Channel> channels = Channels.of(panel, forecaster.spec()).all();
      List<Origin> own = new ArrayList<>();
      for (int i = first; i < Math.min(first + every, folds.count()); i++) {
        int back = (folds.count() - 1 - i) * folds.stride();
        own.addAll(Backtest.origins(forecaster.spec(), panel, channels, back).orElseGet(List::of));
      }
      origins.addAll(own);
      forecasts.addAll(forecaster.forecast(own));
    }
    int scaledBy = season.orElse(forecasters.getFirst().spec().season());
    return new TrainedBacktest(Backtest.score(origins, forecasts, scaledBy), forecasters);
  }
}
