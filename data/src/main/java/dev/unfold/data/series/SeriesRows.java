package dev.unfold.data.series;

import dev.unfold.data.profile.Clock;
import dev.unfold.data.profile.Frequency;
import dev.unfold.data.profile.SeriesTimes;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Place;
import java.time.LocalDate;
import java.util.List;

/// The rows of one series: which steps they have in all, found in a first pass.
final class SeriesRows {
  /// Steps that a grid may have for each row, beside some for all series: one wrong date makes no endless series.
  private static final long SPARSEST = 50;

  static final long SPARE = 100_000;

  private final List<String> keys;
  private final boolean isOrder;

  /// Whether each is a step, whatever its distance from the one before.
  private final boolean isStep;

  private SeriesTimes times;
  private long passed;
  private int rows;

  /// Different times.
  private int different;

  private long first;
  private long firstLocal;
  private long last;
  private long lastLocal;
  private Place lastPlace;

  /// Whether all dates so far are the last of their months.
  private boolean areLastDays = true;

  /// Whether not all dates so far are on the same day of the month.
  private boolean areDifferentDays;

  private int firstDay;

  /// Where the rows are laid in the second pass; null in the first.
  private Grid grid;

  SeriesRows(List<String> keys, boolean isOrder, boolean isStep) {
    this.keys = keys;
    this.isOrder = isOrder;
    this.isStep = isStep;
    times = new SeriesTimes(isOrder);
  }

  List<String> keys() {
    return keys;
  }

  String name() {
    return String.join(", ", keys);
  }

  SeriesTimes times() {
    return times;
  }

  /// Begins the second pass, over the same rows.
  void lay(Grid on) {
    times = new SeriesTimes(isOrder);
    passed = 0;
    grid = on;
  }

  Grid grid() {
    return grid;
  }

  /// The place of the next row of the pass among its rows, from 1, which is its time if it has no other.
  long next() {
    return ++passed;
  }

  /// A row.
  void add(long instant, long local, Place place) {
    if (isStep && rows > 0 && instant < last) {
      throw refusal(
          place,
          "a time that is not before that of the row above, " + textAt(lastLocal),
          textAt(local));
    }
    different += rows == 0 || instant > last ? 1 : 0;
    if (rows == 0 || instant < first) {
      first = instant;
      firstLocal = local;
    }
    if (rows == 0 || instant > last) {
      last = instant;
      lastLocal = local;
      lastPlace = place;
    }
    if (!isOrder) {
      day(Timeline.date(local));
    }
    rows = Math.addExact(rows, 1);
  }

  private static String textAt(long local) {
    return Clock.shown(local, Frequency.ofRows(0));
  }

  private void day(LocalDate date) {
    if (rows == 0) {
      firstDay = date.getDayOfMonth();
    }
    areLastDays = areLastDays && Timeline.isLastDay(date);
    areDifferentDays |= date.getDayOfMonth() != firstDay;
  }

  /// The times of its steps.
  Timeline timeline(SeriesColumns columns, Frequency frequency) {
    boolean isOfLastDays = Timeline.isOfMonths(frequency) && areLastDays && areDifferentDays;
    return new Timeline(frequency, first, firstLocal, columns.zone(), isOfLastDays);
  }

  /// How many steps it has.
  ///
  /// @param spare steps beyond those that its rows account for, at most
  ///
  /// **Errors**: [DataException] if they are more, or if the last row is between two of them.
  int steps(Timeline timeline, long spare) {
    if (isStep) {
      return different;
    }
    Frequency frequency = timeline.frequency();
    long steps =
        1
            + timeline
                .step(last, lastLocal)
                .orElseThrow(() -> uneven(lastPlace, last, lastLocal, frequency));
    if (steps > SPARSEST * rows + spare) {
      throw refusal(
          lastPlace,
          "fewer than %,d steps for %,d rows".formatted(SPARSEST * rows + spare, rows),
          "%,d until %s".formatted(steps, shown(last, lastLocal, frequency)));
    }
    return (int) steps;
  }

  /// How many steps of `steps` are more than its rows account for.
  long spared(int steps) {
    return Math.max(0, steps - SPARSEST * rows);
  }

  /// What to throw for a row between two steps.
  DataException uneven(Place place, long instant, long local, Frequency frequency) {
    return refusal(
        place,
        "a time %s after %s".formatted(frequency.text(), shown(first, firstLocal, frequency)),
        shown(instant, local, frequency));
  }

  private String shown(long instant, long local, Frequency frequency) {
    return isOrder ? Long.toString(instant) : Clock.shown(local, frequency);
  }

  DataException refusal(Place place, String expected, String got) {
    String of = keys.isEmpty() ? "" : " (series " + name() + ")";
    return new DataException(
        "%s: line %d%s: expected %s, got %s"
            .formatted(place.file(), place.line(), of, expected, got));
  }
}
