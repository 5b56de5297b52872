package dev.unfold.run.series;

import dev.unfold.argument.Expect;
import dev.unfold.data.series.Numbers;
import dev.unfold.data.series.Panel;
import dev.unfold.run.score.ForecastScores;
import dev.unfold.run.series.OriginData.Lent;
import dev.unfold.run.series.OriginData.Origin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/// What an input is worth: by how much the mean weighted quantile loss of a backtest grows if each window reads the
/// input of another one, drawn at random, and all else as it is. Inputs that tell the same stand in for each other, and
/// so may each be worth little.
///
/// @param input what is read of another window
/// @param losses by what share the loss grew, each time that windows were drawn; empty if the loss is not defined
///
/// **Source**: L. Breiman, Random forests, 2001, section 10.
public record InputWorth(SeriesInput input, List<Double> losses) {
  /// Times that windows are drawn.
  private static final int DRAWS = 5;

  /// Windows that are looked at, and inputs, at most.
  private static final int WINDOWS = 256;

  private static final int INPUTS = 32;

  /// Copies the list.
  public InputWorth {
    losses = List.copyOf(losses);
  }

  /// What inputs are worth, all but those behind the first [#INPUTS]; empty if there are not two windows.
  ///
  /// @param folds windows of each series that are looked at, of which the last ends with the panel
  /// @param stride steps between them
  /// @param seed of what is drawn
  /// @return none for a state that is carried, which has read all that came before a window
  public static List<InputWorth> of(
      Forecaster forecaster, Panel panel, int folds, int stride, long seed) {
    SeriesSpec spec = Expect.given("forecaster", forecaster).spec();
    if (spec.state() == StateUse.CARRIED) {
      return List.of();
    }
    Backtest.expectCountable(spec.horizon(), folds, stride);
    List<Channel> channels = Channels.of(panel, spec).all();
    List<Origin> origins = new ArrayList<>();
    for (int fold = 0; fold < folds; fold++) {
      Optional<List<Origin>> own = Backtest.origins(spec, panel, channels, fold * stride);
      if (own.isEmpty()) {
        break;
      }
      origins.addAll(own.orElseThrow());
    }
    List<Origin> some = some(origins);
    if (some.size() < 2) {
      return List.of();
    }
    OptionalDouble whole = loss(forecaster, some, some);
    List<InputWorth> all = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(seed);
    for (SeriesInput input : SeriesInput.of(spec).stream().limit(INPUTS).toList()) {
      List<Double> losses = new ArrayList<>();
      for (int draw = 0; draw < DRAWS && whole.orElse(0) > 0; draw++) {
        int[] places = shuffled(some.size(), random);
        List<Origin> lent = new ArrayList<>();
        for (int i = 0; i < places.length; i++) {
          lent.add(some.get(i).with(new Lent(input, some.get(places[i]))));
        }
        losses.add(loss(forecaster, lent, some).orElseThrow() / whole.getAsDouble() - 1);
      }
      all.add(new InputWorth(input, losses));
    }
    return all;
  }

  private static List<Origin> some(List<Origin> all) {
    if (all.size() <= WINDOWS) {
      return all;
    }
    List<Origin> some = new ArrayList<>();
    for (int i = 0; i < WINDOWS; i++) {
      some.add(all.get((int) ((long) i * all.size() / WINDOWS)));
    }
    return some;
  }

  private static int[] shuffled(int count, SplittableRandom random) {
    int[] places = new int[count];
    Arrays.setAll(places, i -> i);
    for (int i = count - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int place = places[i];
      places[i] = places[other];
      places[other] = place;
    }
    return places;
  }

  private static OptionalDouble loss(
      Forecaster forecaster, List<Origin> origins, List<Origin> plain) {
    List<Forecast> forecasts = forecaster.forecast(origins);
    double[] levels = forecaster.output().levels().stream().mapToDouble(each -> each).toArray();
    ForecastScores scores = new ForecastScores(1, levels);
    for (int i = 0; i < plain.size(); i++) {
      Channel channel = plain.get(i).channel();
      Numbers values = channel.series().numbers()[channel.target()];
      int from = plain.get(i).step();
      double[] actual = new double[forecaster.spec().horizon()];
      Arrays.setAll(actual, h -> from + h < values.length() ? values.at(from + h) : Double.NaN);
      scores.add(new double[0], actual, forecasts.get(i).quantiles());
    }
    return scores.meanWeightedQuantileLoss();
  }

  /// The mean; empty if it is not defined.
  public OptionalDouble mean() {
    return losses.stream().mapToDouble(each -> each).average();
  }

  /// The standard deviation over the draws; empty if it is not defined.
  public OptionalDouble deviation() {
    double mean = mean().orElse(0);
    OptionalDouble variance =
        losses.stream().mapToDouble(each -> (each - mean) * (each - mean)).average();
    return variance.isEmpty()
        ? variance
        : OptionalDouble.of(Math.sqrt(variance.getAsDouble() * DRAWS / (DRAWS - 1)));
  }
}
