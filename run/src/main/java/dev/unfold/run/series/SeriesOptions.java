package dev.unfold.run.series;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// What a forecast is asked for. What is left empty follows from the training part of the data.
///
/// @param horizon H, steps to be foreseen
/// @param context C, steps that are read before them
/// @param season m
/// @param lags how far back values are read
/// @param calendar the parts of times that are read
/// @param scale how values are made alike
/// @param holdout steps at the end of the table that nothing is learned from: the test part
/// @param validation steps before those that choose the best parameters
/// @param state how far back the state of the network goes
/// @param holidays that are known
public record SeriesOptions(
    int horizon,
    OptionalInt context,
    OptionalInt season,
    Optional<List<Integer>> lags,
    Optional<List<Calendar>> calendar,
    Optional<Scale> scale,
    int holdout,
    OptionalInt validation,
    StateUse state,
    Optional<Holidays> holidays) {

  /// Steps of a part of the data, at most.
  private static final int MOST = 1 << 24;

  /// Checks the numbers.
  public SeriesOptions {
    Expect.given("state", state);
    Expect.given("holidays", holidays);
    Expect.positive("horizon", "H", horizon);
    context.ifPresent(steps -> Expect.positive("context", "C", steps));
    season.ifPresent(steps -> Expect.positive("season", "m", steps));
    validation.ifPresent(steps -> Expect.positive("validate", "steps", steps));
    if (holdout < 0 || holdout > MOST) {
      throw new Refusal("holdout", "0 to %,d steps".formatted(MOST), holdout);
    }
    for (int lag : lags.orElse(List.of())) {
      if (lag < 1 || lag > MOST) {
        throw new Refusal("lags", "numbers from 1 to %,d".formatted(MOST), lag);
      }
    }
    if (season.orElse(1) > MOST || context.orElse(1) > MOST) {
      throw new Refusal(
          "season, context",
          "at most %,d steps".formatted(MOST),
          season.orElse(1) + ", " + context.orElse(1));
    }
    if (horizon > MOST || validation.orElse(0) > MOST) {
      throw new Refusal(
          "horizon, validate",
          "at most %,d steps".formatted(MOST),
          horizon + ", " + validation.orElse(0));
    }
  }

  /// Those of a state over windows, without holidays.
  public SeriesOptions(
      int horizon,
      OptionalInt context,
      OptionalInt season,
      Optional<List<Integer>> lags,
      Optional<List<Calendar>> calendar,
      Optional<Scale> scale,
      int holdout,
      OptionalInt validation) {
    this(
        horizon,
        context,
        season,
        lags,
        calendar,
        scale,
        holdout,
        validation,
        StateUse.WINDOW,
        Optional.empty());
  }

  /// All but the horizon follows from the data, of which all but the validation part is learned from.
  public static SeriesOptions of(int horizon) {
    return new SeriesOptions(
        horizon,
        OptionalInt.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        0,
        OptionalInt.empty());
  }

  /// The same with another test part.
  public SeriesOptions withHoldout(int other) {
    return with(scale, other, state, holidays);
  }

  /// The same with another scale.
  SeriesOptions withScale(Scale other) {
    return with(Optional.of(other), holdout, state, holidays);
  }

  /// The same with a state that goes as far back.
  public SeriesOptions withState(StateUse other) {
    return with(scale, holdout, other, holidays);
  }

  /// The same with holidays.
  public SeriesOptions withHolidays(Holidays known) {
    return with(scale, holdout, state, Optional.of(known));
  }

  private SeriesOptions with(
      Optional<Scale> scale, int holdout, StateUse state, Optional<Holidays> holidays) {
    return new SeriesOptions(
        horizon, context, season, lags, calendar, scale, holdout, validation, state, holidays);
  }
}
