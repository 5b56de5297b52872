package dev.unfold.data.profile;

import dev.unfold.data.table.Place;
import java.time.LocalDate;

/// The times of one series, row after row.
public final class SeriesTimes {
  static final long DAY = 86_400_000_000L;

  private final StepCounts elapsed = new StepCounts();

  // Each is null once a step does not fit its calendar.
  private StepCounts days = new StepCounts();
  private StepCounts businessDays = new StepCounts();
  private StepCounts months = new StepCounts();

  private boolean hasWeekends;
  private long rows;
  private long duplicates;
  private long backwards;
  private int direction;
  private long instant;
  private long local;
  private long first = Long.MAX_VALUE;
  private long last = Long.MIN_VALUE;

  /// How a row's time follows the one before.
  public enum Order {
    /// It is the first.
    FIRST,
    /// As the rows before.
    FORWARD,
    /// It has the same time.
    SAME,
    /// Against the rows before.
    BACKWARD
  }

  /// @param isOrder whether times are but numbers, which no calendar has
  public SeriesTimes(boolean isOrder) {
    if (isOrder) {
      days = null;
      businessDays = null;
      months = null;
    }
  }

  /// Adds the time of a row.
  ///
  /// @param nextInstant in microseconds
  /// @param nextLocal what a clock shows then
  /// @param place of the row
  public Order add(long nextInstant, long nextLocal, Place place) {
    long beforeLocal = local;
    long distance = nextInstant - instant;
    Order order = order(distance);
    rows++;
    first = Math.min(first, nextLocal);
    last = Math.max(last, nextLocal);
    if (businessDays != null && weekday(Math.floorDiv(nextLocal, DAY)) > 4) {
      businessDays = null;
    }
    instant = nextInstant;
    local = nextLocal;
    switch (order) {
      case FIRST -> {}
      case SAME -> duplicates++;
      case BACKWARD -> backwards++;
      case FORWARD -> step(Math.abs(distance), beforeLocal, nextLocal, place);
    }
    return order;
  }

  private Order order(long distance) {
    if (rows == 0) {
      return Order.FIRST;
    }
    if (distance == 0) {
      return Order.SAME;
    }
    int sign = Long.signum(distance);
    if (direction == 0) {
      direction = sign;
    }
    return sign == direction ? Order.FORWARD : Order.BACKWARD;
  }

  private void step(long distance, long before, long after, Place place) {
    long from = Math.min(before, after);
    long to = Math.max(before, after);
    elapsed.add(distance, place, from, to);
    if (days != null) {
      long between = to - from;
      if (between % DAY == 0 && between > 0) {
        days.add(between / DAY, place, from, to);
      } else {
        days = null;
        businessDays = null;
        months = null;
      }
    }
    if (businessDays != null) {
      long a = Math.floorDiv(from, DAY);
      long b = Math.floorDiv(to, DAY);
      hasWeekends |= weekday(b) < weekday(a);
      businessDays.add(businessDay(b) - businessDay(a), place, from, to);
    }
    if (months != null) {
      long between = months(from, to);
      if (between > 0) {
        months.add(between, place, from, to);
      } else {
        months = null;
      }
    }
  }

  /// 0 for Monday.
  private static int weekday(long epochDay) {
    return (int) Math.floorMod(epochDay + 3, 7L);
  }

  private static long businessDay(long epochDay) {
    return 5 * Math.floorDiv(epochDay + 3, 7L) + weekday(epochDay);
  }

  /// Whole months of the calendar between two times; 0 if it is no whole number of them.
  private static long months(long from, long to) {
    if (to - from < 28 * DAY) {
      return 0;
    }
    LocalDate a = LocalDate.ofEpochDay(Math.floorDiv(from, DAY));
    LocalDate b = LocalDate.ofEpochDay(Math.floorDiv(to, DAY));
    boolean isSameDay = a.getDayOfMonth() == b.getDayOfMonth();
    boolean areLastDays =
        a.getDayOfMonth() == a.lengthOfMonth() && b.getDayOfMonth() == b.lengthOfMonth();
    return isSameDay || areLastDays
        ? 12L * (b.getYear() - a.getYear()) + b.getMonthValue() - a.getMonthValue()
        : 0;
  }

  /// What its steps are counted by.
  private StepCounts counts() {
    if (months != null) {
      return months;
    }
    if (days == null) {
      return elapsed;
    }
    boolean isBusiness = businessDays != null && hasWeekends && days.base() == 1;
    return isBusiness ? businessDays : days;
  }

  /// @param isOrder whether times are but numbers
  Frequency frequency(boolean isOrder) {
    StepCounts counts = counts();
    if (counts.total() == 0) {
      return Frequency.UNKNOWN;
    }
    if (!counts.isRegular()) {
      return Frequency.IRREGULAR;
    }
    long base = counts.base();
    if (isOrder) {
      return new Frequency(FrequencyUnit.ORDER, base);
    }
    if (counts == months) {
      return Frequency.ofMonths(base);
    }
    if (counts == businessDays) {
      return new Frequency(FrequencyUnit.BUSINESS_DAY, base);
    }
    return counts == days ? Frequency.ofDays(base) : Frequency.ofMicros(base);
  }

  StepCounts.Gaps gaps() {
    return counts().gaps();
  }

  /// How many steps of a frequency lie between two times.
  static long steps(Frequency frequency, long from, long to) {
    long a = Math.min(from, to);
    long b = Math.max(from, to);
    long steps =
        switch (frequency.unit()) {
          case MONTH -> months(a, b);
          case QUARTER -> months(a, b) / 3;
          case YEAR -> months(a, b) / 12;
          case BUSINESS_DAY ->
              businessDay(Math.floorDiv(b, DAY)) - businessDay(Math.floorDiv(a, DAY));
          case DAY -> (b - a) / DAY;
          case WEEK -> (b - a) / (7 * DAY);
          case HOUR -> (b - a) / 3_600_000_000L;
          case MINUTE -> (b - a) / 60_000_000L;
          case SECOND -> (b - a) / 1_000_000L;
          case MICROSECOND, ORDER -> b - a;
          case IRREGULAR, UNKNOWN -> frequency.count();
        };
    return frequency.count() == 0 ? 1 : steps / frequency.count();
  }

  long rows() {
    return rows;
  }

  long duplicates() {
    return duplicates;
  }

  long backwards() {
    return backwards;
  }

  long first() {
    return first;
  }

  long last() {
    return last;
  }

  /// The instant of the last row.
  long instant() {
    return instant;
  }

  int direction() {
    return direction;
  }
}
