package dev.unfold.data.series;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.data.profile.Clock;
import dev.unfold.data.profile.Frequency;
import dev.unfold.data.profile.FrequencyUnit;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalLong;

/// The times of the steps 0, 1, 2, ... of a series. Hours and what is shorter follow each other in time, and days and
/// what is longer on the calendar: there a day may have 23 hours, and months have different days.
///
/// @param frequency what lies between two steps
/// @param first the instant of step 0 in microseconds, or its number if steps are but an order
/// @param firstLocal what a clock shows then, in microseconds from 1970-01-01 00:00
/// @param zone where the clock is; empty if it shows the instants themselves
/// @param isOfLastDays whether steps of months are their last days, whichever these are
/// @param instants of steps that are rows as they came, at any distances; steps behind the last follow by the median
///     one
public record Timeline(
    Frequency frequency,
    long first,
    long firstLocal,
    Optional<ZoneId> zone,
    boolean isOfLastDays,
    Optional<Numbers> instants) {
  private static final long SECOND = 1_000_000;
  private static final long DAY = 86_400 * SECOND;
  private static final LocalDateTime EPOCH = LocalDate.EPOCH.atStartOfDay();

  /// Checks that steps are alike, or rows as they came.
  public Timeline {
    Expect.given("frequency", frequency);
    Expect.given("zone", zone);
    boolean isRows = frequency.unit() == FrequencyUnit.IRREGULAR;
    if (!isRows && (!frequency.unit().isRegular() || frequency.count() < 1)) {
      throw new Refusal("frequency", "steps that are all alike", frequency.text());
    }
  }

  /// Steps that follow from their frequency, or rows of which only the first is known.
  public Timeline(
      Frequency frequency,
      long first,
      long firstLocal,
      Optional<ZoneId> zone,
      boolean isOfLastDays) {
    this(frequency, first, firstLocal, zone, isOfLastDays, Optional.empty());
  }

  /// Steps that are no last days of months because these are the last.
  public Timeline(Frequency frequency, long first, long firstLocal, Optional<ZoneId> zone) {
    this(frequency, first, firstLocal, zone, false);
  }

  /// Whether steps are rows as they came, at any distances.
  public boolean isRows() {
    return frequency.unit() == FrequencyUnit.IRREGULAR;
  }

  /// The same, where rows behind the last follow by another distance.
  public Timeline withFrequency(Frequency other) {
    return new Timeline(other, first, firstLocal, zone, isOfLastDays, instants);
  }

  /// The same rows, whose times are, or will be, there.
  Timeline withInstants(Numbers own) {
    return new Timeline(frequency, first, firstLocal, zone, isOfLastDays, Optional.of(own));
  }

  /// The instant of a row; before the first and behind the last they follow by the median distance.
  private long row(long step) {
    int rows = instants.map(Numbers::length).orElse(1);
    if (step < 0) {
      return first + step * Math.max(1, frequency.count());
    }
    long last = Math.min(step, rows - 1L);
    long at = instants.isEmpty() ? first : (long) instants.get().at((int) last);
    return at + (step - last) * frequency.count();
  }

  /// What a clock shows at an instant.
  public LocalDateTime localAt(long instant) {
    return zone.map(
            in -> LocalDateTime.ofInstant(Instant.EPOCH.plus(instant, ChronoUnit.MICROS), in))
        .orElseGet(() -> dateTime(firstLocal + instant - first));
  }

  /// The same as people write it.
  public String textAt(long instant) {
    return Clock.shown(ChronoUnit.MICROS.between(EPOCH, localAt(instant)), frequency);
  }

  /// Whether steps are counted in months.
  static boolean isOfMonths(Frequency frequency) {
    return switch (frequency.unit()) {
      case MONTH, QUARTER, YEAR -> true;
      default -> false;
    };
  }

  /// Where a step is among those of other series of the same frequency: the later, the more.
  public long position(long step) {
    if (isRows()) {
      return row(step);
    }
    long micros = micros();
    return micros > 0 ? first + step * micros : ChronoUnit.MICROS.between(EPOCH, local(step));
  }

  /// Whether steps have no times.
  public boolean isOrder() {
    return frequency.unit() == FrequencyUnit.ORDER;
  }

  /// Which step a time is; empty if it lies between two.
  public OptionalLong step(long instant, long local) {
    long micros = micros();
    if (micros > 0) {
      long distance = instant - first;
      return distance % micros == 0 ? OptionalLong.of(distance / micros) : OptionalLong.empty();
    }
    if (Math.floorMod(local, DAY) != Math.floorMod(firstLocal, DAY)) {
      return OptionalLong.empty();
    }
    LocalDate from = date(firstLocal);
    LocalDate to = date(local);
    long units =
        switch (frequency.unit()) {
          case DAY -> to.toEpochDay() - from.toEpochDay();
          case WEEK -> weeks(from, to);
          case BUSINESS_DAY ->
              to.getDayOfWeek().compareTo(DayOfWeek.FRIDAY) > 0
                  ? Long.MIN_VALUE
                  : businessDay(to) - businessDay(from);
          default -> months(from, to);
        };
    boolean isThere = units != Long.MIN_VALUE && units % count() == 0;
    return isThere ? OptionalLong.of(units / count()) : OptionalLong.empty();
  }

  private static long weeks(LocalDate from, LocalDate to) {
    long days = to.toEpochDay() - from.toEpochDay();
    return days % 7 == 0 ? days / 7 : Long.MIN_VALUE;
  }

  private static long businessDay(LocalDate date) {
    return 5 * Math.floorDiv(date.toEpochDay() + 3, 7L) + date.getDayOfWeek().getValue() - 1;
  }

  /// A day that a month has not is its last.
  private long months(LocalDate from, LocalDate to) {
    boolean fits =
        isOfLastDays
            ? isLastDay(to)
            : to.getDayOfMonth() == Math.min(from.getDayOfMonth(), to.lengthOfMonth());
    return fits
        ? 12L * (to.getYear() - from.getYear()) + to.getMonthValue() - from.getMonthValue()
        : Long.MIN_VALUE;
  }

  /// Whether a clock shows the last day of a month.
  public static boolean isLastDay(long local) {
    return isLastDay(date(local));
  }

  static boolean isLastDay(LocalDate date) {
    return date.getDayOfMonth() == date.lengthOfMonth();
  }

  /// Microseconds of a step; 0 if that depends on the calendar.
  private long micros() {
    long unit =
        switch (frequency.unit()) {
          case ORDER, MICROSECOND -> 1;
          case SECOND -> SECOND;
          case MINUTE -> 60 * SECOND;
          case HOUR -> 3600 * SECOND;
          default -> 0;
        };
    return unit * frequency.count();
  }

  /// How many days, business days, weeks or months a step has.
  private long count() {
    return switch (frequency.unit()) {
      case QUARTER -> 3 * frequency.count();
      case YEAR -> 12 * frequency.count();
      default -> frequency.count();
    };
  }

  /// What a clock shows at a step; of an order, the date of its number of microseconds, which means nothing.
  public LocalDateTime local(long step) {
    if (isRows()) {
      return localAt(row(step));
    }
    long micros = micros();
    if (micros > 0) {
      return localAt(first + step * micros);
    }
    LocalDate from = date(firstLocal);
    long units = step * count();
    LocalDate to =
        switch (frequency.unit()) {
          case DAY -> from.plusDays(units);
          case WEEK -> from.plusWeeks(units);
          case BUSINESS_DAY -> ofBusinessDay(businessDay(from) + units);
          default -> {
            LocalDate shifted = from.plusMonths(units);
            yield isOfLastDays ? shifted.withDayOfMonth(shifted.lengthOfMonth()) : shifted;
          }
        };
    return to.atTime(dateTime(firstLocal).toLocalTime());
  }

  private static LocalDate ofBusinessDay(long day) {
    return LocalDate.ofEpochDay(7 * Math.floorDiv(day, 5L) + Math.floorMod(day, 5L) - 3);
  }

  static LocalDate date(long micros) {
    return LocalDate.ofEpochDay(Math.floorDiv(micros, DAY));
  }

  private static LocalDateTime dateTime(long micros) {
    return LocalDateTime.ofEpochSecond(
        Math.floorDiv(micros, SECOND), (int) Math.floorMod(micros, SECOND) * 1000, ZoneOffset.UTC);
  }

  /// A step's time as people write it, or its number.
  public String text(long step) {
    if (isOrder()) {
      return Long.toString(first + step * frequency.count());
    }
    LocalDateTime at = local(step);
    long micros = ChronoUnit.MICROS.between(EPOCH, at);
    return Clock.shown(micros, frequency);
  }
}
