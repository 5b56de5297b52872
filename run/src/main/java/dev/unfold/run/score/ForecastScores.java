package dev.unfold.run.score;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.IntStream;

/// How good forecasts of many windows are: averages over the windows, and sums over all their values.
///
///     mean sMAPE, MAPE, MASE, MSIS     averages of the windows for which they are defined
///     wQL(q) = sum QL(q) / sum |y|        over all values of all windows
///     mean wQL                            over the levels 0.1, 0.2, ..., 0.9 that there are
///     coverage(q)                         the share of all values that are not above the quantile
///
/// A score that is not defined for a window ([ForecastScore]) is left out of its average, and counted: [#undefined]
/// tells how many there were. A score that is defined for none is empty.
///
/// **Memory**: a few numbers for each window.
///
/// **Threads**: one at a time.
///
/// **Source**: R. J. Hyndman and A. B. Koehler, Another look at measures of forecast accuracy, 2006, for the scaled
/// error; S. Makridakis, E. Spiliotis and V. Assimakopoulos, The M4 competition, 2020, for sMAPE and the interval
/// score.
public final class ForecastScores {
  /// Ten times these levels are whole numbers but for rounding: the ones that the mean over quantiles is of.
  private static final double ROUNDING = 1e-9;

  private final int season;
  private final double[] levels;
  private final List<ForecastScore> windows = new ArrayList<>();

  /// @param season m, steps after which values are alike; 1 if there is no season
  /// @param levels q of the quantiles, rising, 0.5 among them
  ///
  /// **Errors**: [IllegalArgumentException] if m is below 1, if a level is not between 0 and 1, if they do not rise, or
  /// if there is no 0.5, which is what errors of a point are measured at.
  public ForecastScores(int season, double... levels) {
    Expect.positive("season", "m", season);
    Expect.given("levels", levels);
    for (int i = 0; i < levels.length; i++) {
      if (!(levels[i] > 0 && levels[i] < 1)) {
        throw new Refusal("levels", "numbers between 0 and 1", levels[i]);
      }
      if (i > 0 && levels[i] <= levels[i - 1]) {
        throw new Refusal("levels", "rising numbers", levels[i] + " after " + levels[i - 1]);
      }
    }
    if (Arrays.binarySearch(levels, 0.5) < 0) {
      throw new Refusal("levels", "0.5 among them", Arrays.toString(levels));
    }
    this.season = season;
    this.levels = levels.clone();
  }

  /// Adds a window.
  ///
  /// @param past the training part of its series, NaN for a missing value: the scaled scores are relative to how far
  ///     its values are from those a season before
  /// @param actual what came, NaN for a missing value, which counts nowhere
  /// @param quantiles for each step the quantile of each level
  /// @return its scores
  ///
  /// **Errors**: [IllegalArgumentException] if there are not as many steps of quantiles as of values, or not as many
  /// quantiles as levels, or if one is not finite.
  public ForecastScore add(double[] past, double[] actual, double[][] quantiles) {
    Expect.given("past", past);
    Expect.given("actual", actual);
    Expect.given("quantiles", quantiles);
    if (quantiles.length != actual.length) {
      throw new Refusal(
          "quantiles", "those of %d steps".formatted(actual.length), quantiles.length);
    }
    for (int step = 0; step < quantiles.length; step++) {
      if (quantiles[step].length != levels.length) {
        throw new Refusal(
            "quantiles[%d]".formatted(step),
            "one for each of %d levels".formatted(levels.length),
            quantiles[step].length);
      }
      for (double quantile : quantiles[step]) {
        if (!Double.isFinite(quantile)) {
          throw new Refusal("quantiles[%d]".formatted(step), "finite numbers", quantile);
        }
      }
    }
    ForecastScore score = ForecastScore.of(season, levels, past, actual, quantiles);
    windows.add(score);
    return score;
  }

  /// Adds a window whose scores are known, of the same levels and season.
  public void add(ForecastScore window) {
    windows.add(Expect.given("window", window));
  }

  /// How many windows there are.
  public int windows() {
    return windows.size();
  }

  /// The mean sMAPE, from 0 to 200.
  public OptionalDouble smape() {
    return mean(ForecastScore::smape);
  }

  /// The mean MAPE.
  public OptionalDouble mape() {
    return mean(ForecastScore::mape);
  }

  /// The mean MASE.
  public OptionalDouble mase() {
    return mean(ForecastScore::mase);
  }

  /// The mean MSIS of the interval between the levels (1 - `share`) / 2 and (1 + `share`) / 2.
  ///
  /// **Errors**: [IllegalArgumentException] if one of them is not among the levels.
  public OptionalDouble msis(double share) {
    int low = level((1 - share) / 2);
    int high = level((1 + share) / 2);
    return mean(score -> score.msis(low, high));
  }

  /// How many windows a score is not defined for.
  public int undefined(Function<ForecastScore, OptionalDouble> score) {
    return (int) windows.stream().filter(window -> score.apply(window).isEmpty()).count();
  }

  private OptionalDouble mean(Function<ForecastScore, OptionalDouble> score) {
    return windows.stream()
        .map(score)
        .filter(OptionalDouble::isPresent)
        .mapToDouble(OptionalDouble::getAsDouble)
        .average();
  }

  /// wQL(`q`); empty if all values are 0.
  ///
  /// **Errors**: [IllegalArgumentException] if q is not among the levels.
  public OptionalDouble weightedQuantileLoss(double q) {
    int level = level(q);
    double all = windows.stream().mapToDouble(ForecastScore::absoluteSum).sum();
    double losses = windows.stream().mapToDouble(window -> window.quantileLosses()[level]).sum();
    return all == 0 ? OptionalDouble.empty() : OptionalDouble.of(losses / all);
  }

  /// The mean of wQL over the levels 0.1, 0.2, ..., 0.9 that there are; empty if all values are 0.
  public OptionalDouble meanWeightedQuantileLoss() {
    return Arrays.stream(levels)
        .filter(q -> Math.abs(10 * q - Math.rint(10 * q)) < ROUNDING)
        .mapToObj(this::weightedQuantileLoss)
        .flatMapToDouble(OptionalDouble::stream)
        .average();
  }

  /// The share of the values that are not above the quantile of level `q`; empty if there are none.
  ///
  /// **Errors**: [IllegalArgumentException] if q is not among the levels.
  public OptionalDouble coverage(double q) {
    int level = level(q);
    return share(window -> window.covered()[level]);
  }

  /// The share of the values within the interval between the levels (1 - `share`) / 2 and (1 + `share`) / 2; empty if
  /// there are none.
  ///
  /// **Errors**: [IllegalArgumentException] if one of them is not among the levels.
  public OptionalDouble intervalCoverage(double share) {
    int low = level((1 - share) / 2);
    int high = level((1 + share) / 2);
    return share(window -> window.within(low, high));
  }

  private OptionalDouble share(Function<ForecastScore, Integer> count) {
    int all = windows.stream().mapToInt(ForecastScore::values).sum();
    int some = windows.stream().mapToInt(count::apply).sum();
    return all == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) some / all);
  }

  /// For people: `MASE 0.82, sMAPE 12.1, mean wQL 0.09 over 56 windows`, without what is not defined.
  @Override
  public String toString() {
    List<String> scores = new ArrayList<>();
    mase().ifPresent(score -> scores.add("MASE %.4g".formatted(score)));
    smape().ifPresent(score -> scores.add("sMAPE %.4g".formatted(score)));
    meanWeightedQuantileLoss().ifPresent(score -> scores.add("mean wQL %.4g".formatted(score)));
    String all = scores.isEmpty() ? "no score" : String.join(", ", scores);
    return "%s over %d window%s".formatted(all, windows.size(), windows.size() == 1 ? "" : "s");
  }

  private int level(double q) {
    return IntStream.range(0, levels.length)
        .filter(i -> Math.abs(levels[i] - q) < ROUNDING)
        .findFirst()
        .orElseThrow(() -> new Refusal("level", "one of " + Arrays.toString(levels), q));
  }
}
