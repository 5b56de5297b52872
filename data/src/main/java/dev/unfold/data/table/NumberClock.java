package dev.unfold.data.table;

import java.time.DateTimeException;
import java.time.LocalDate;

/// What time a whole number is.
public enum NumberClock {
  /// `20250304`
  DAYS,
  /// `2025`
  YEARS,
  /// Since 1970-01-01 00:00 UTC.
  SECONDS,
  /// Since 1970-01-01 00:00 UTC.
  MILLISECONDS,
  /// None: but an order.
  ORDER;

  /// What numbers from `least` to `most` are; of numbers that look like dates only by their size each has to be one.
  static NumberClock of(long least, long most, boolean areDates) {
    if (areDates) {
      return DAYS;
    }
    if (least >= 1000 && most <= 2999) {
      return YEARS;
    }
    // From 2001 to 2099.
    if (least >= 978_307_200L && most <= 4_070_908_800L) {
      return SECONDS;
    }
    return least >= 978_307_200_000L && most <= 4_070_908_800_000L ? MILLISECONDS : ORDER;
  }

  static boolean isDate(long number) {
    if (number < 1000_01_01 || number > 2999_12_31) {
      return false;
    }
    try {
      return date(number) != Long.MIN_VALUE;
    } catch (DateTimeException _) {
      return false;
    }
  }

  private static long date(long number) {
    int n = (int) number;
    return LocalDate.of(n / 10_000, n / 100 % 100, n % 100).toEpochDay();
  }

  long micros(long number) {
    return switch (this) {
      case DAYS -> date(number) * TimeText.DAY;
      case YEARS -> LocalDate.of((int) number, 1, 1).toEpochDay() * TimeText.DAY;
      case SECONDS -> number * TimeText.MICROS;
      case MILLISECONDS -> number * 1000;
      case ORDER -> number;
    };
  }
}
