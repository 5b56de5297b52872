package dev.unfold.run.series;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.data.profile.Frequency;
import dev.unfold.data.profile.FrequencyUnit;
import dev.unfold.data.series.SeriesColumns;
import java.util.List;
import java.util.Optional;

/// What a network for series reads and says, apart from its parameters: all of it follows from the training part of the
/// data, and is kept with the model.
///
/// @param columns of the tables
/// @param frequency what lies between two steps
/// @param season m, steps after which values are alike, by which errors are scaled; 1 for none
/// @param baseline steps back to the value that the network's output is added to: the season, or 1 for the last value
/// @param shift steps before the origin whose mean distance from their baseline is added to that of the horizon; 0 for
///     none
/// @param linear what the network's output is added to in their place, if it foresees better
/// @param lags how far back other values are read beside the last one
/// @param horizon H, steps to be foreseen
/// @param context C, steps that are read before them
/// @param calendar the parts of times that are read
/// @param scale how values are made alike
/// @param numbers the names of the columns of numbers, the targets first
/// @param means of those that are no targets, in the training part
/// @param deviations of those that are no targets, in the training part
/// @param texts the names of the columns of texts
/// @param vocabularies the texts of each that the training part has; any other is unknown
/// @param until the last time of the training part, for people
/// @param state how far back the state goes; over a window where nothing is said
/// @param holidays that are known, with the names that the training part has
public record SeriesSpec(
    SeriesColumns columns,
    Frequency frequency,
    int season,
    int baseline,
    int shift,
    Optional<Linear> linear,
    List<Integer> lags,
    int horizon,
    int context,
    List<Calendar> calendar,
    Scale scale,
    List<String> numbers,
    List<Double> means,
    List<Double> deviations,
    List<String> texts,
    List<List<String>> vocabularies,
    String until,
    StateUse state,
    Optional<Holidays> holidays) {

  /// The longest window.
  private static final int LONGEST = 1 << 20;

  /// Checks the sizes.
  public SeriesSpec {
    state = state == null ? StateUse.WINDOW : state;
    Expect.given("columns", columns);
    Expect.given("frequency", frequency);
    if (frequency.unit() == FrequencyUnit.IRREGULAR && frequency.count() < 1) {
      throw new Refusal("frequency", "a distance of rows above 0", frequency.count());
    }
    Expect.given("scale", scale);
    Expect.positive("season", "m", season);
    Expect.positive("baseline", "a lag", baseline);
    if (shift < 0) {
      throw new Refusal("shift", "0 or more steps", shift);
    }
    Expect.positive("horizon", "H", horizon);
    Expect.positive("context", "C", context);
    if ((long) horizon + context > LONGEST) {
      throw new Refusal(
          "horizon, context", "H+C of at most %,d".formatted(LONGEST), (long) horizon + context);
    }
    // Models that were written before there was one have none.
    linear = linear == null ? Optional.empty() : linear;
    holidays = holidays == null ? Optional.empty() : holidays;
    lags = List.copyOf(lags);
    calendar = List.copyOf(calendar);
    numbers = List.copyOf(numbers);
    means = List.copyOf(means);
    deviations = List.copyOf(deviations);
    texts = List.copyOf(texts);
    vocabularies = vocabularies.stream().map(List::copyOf).toList();
    int others = numbers.size() - columns.targets().size();
    if (means.size() != others || deviations.size() != others) {
      throw new Refusal(
          "means, deviations", others + " of each", means.size() + ", " + deviations.size());
    }
    if (vocabularies.size() != texts.size()) {
      throw new Refusal("vocabularies", texts.size() + " of them", vocabularies.size());
    }
    for (int lag : lags) {
      Expect.positive("lags", "a lag", lag);
    }
  }

  /// T = C + H
  public int steps() {
    return context + horizon;
  }

  /// How many steps before the origin are learned if the state is carried: the steps before those bring the state to
  /// where it is when it was carried for long.
  int warm() {
    return context / 2;
  }

  /// Whether steps are rows, at any distances, which are read.
  boolean isOfRows() {
    return frequency.unit() == FrequencyUnit.IRREGULAR;
  }

  /// Whether a step is longer than a day.
  boolean isOfManyDays() {
    return switch (frequency.unit()) {
      case DAY, BUSINESS_DAY -> frequency.count() > 1;
      case WEEK, MONTH, QUARTER, YEAR -> true;
      default -> false;
    };
  }

  /// How many targets there are.
  int targets() {
    return columns.targets().size();
  }
}
