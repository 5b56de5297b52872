package dev.unfold.data.table;

import java.time.LocalDate;
import java.time.LocalTime;
import java.time.YearMonth;

/// Reads a date with or without a time of day, a month, a quarter or a week. One object reads many of them.
final class TimeText {
  static final long MICROS = 1_000_000;
  static final long DAY = 86_400 * MICROS;

  private char[] c = {};
  private int at;
  private int end;
  private int year;
  private int first;
  private int second;
  private Reading reading = Reading.OTHER;
  private long timeOfDay;
  private boolean isZoned;
  private int offset;

  /// `2025-03-04 07:08:09.25`, with what is not 0 of the time of day.
  static String text(long micros) {
    String date = LocalDate.ofEpochDay(Math.floorDiv(micros, DAY)).toString();
    long ofDay = Math.floorMod(micros, DAY);
    return ofDay == 0 ? date : date + " " + LocalTime.ofNanoOfDay(ofDay * 1000);
  }

  /// What the text is among times; [Reading#OTHER] if it is none.
  Reading read(char[] chars, int from, int to) {
    c = chars;
    at = from;
    end = to;
    timeOfDay = 0;
    isZoned = false;
    offset = 0;
    reading = to - from < 6 || to - from > 40 ? Reading.OTHER : date();
    boolean hasRest = at < end;
    if (hasRest && reading != Reading.OTHER) {
      boolean isDay =
          reading != Reading.MONTH && reading != Reading.QUARTER && reading != Reading.WEEK;
      if (!isDay || !timeOfDay() || at < end) {
        reading = Reading.OTHER;
      }
    }
    return reading;
  }

  private Reading date() {
    int start = at;
    int number = number(4);
    int length = at - start;
    if (length == 4) {
      year = number;
      return year == 0 ? Reading.OTHER : afterYear();
    }
    if (length < 1 || length > 2 || at == end || !isSeparator(c[at])) {
      return Reading.OTHER;
    }
    char separator = c[at++];
    first = number;
    start = at;
    second = number(2);
    if (at == start || at == end || c[at] != separator) {
      return Reading.OTHER;
    }
    at++;
    start = at;
    year = number(4);
    int digits = at - start;
    boolean isDayFirst = isDate(second, first);
    // Dots stand in dates with the day first, everywhere.
    boolean isMonthFirst = separator != '.' && isDate(first, second);
    if ((digits != 4 && digits != 2) || (!isDayFirst && !isMonthFirst)) {
      return Reading.OTHER;
    }
    if (digits == 2) {
      return Reading.SHORT_YEAR;
    }
    if (isDayFirst && isMonthFirst) {
      return Reading.EITHER_ORDER;
    }
    return isDayFirst ? Reading.DAY_FIRST : Reading.MONTH_FIRST;
  }

  private Reading afterYear() {
    if (at == end) {
      return Reading.OTHER;
    }
    char separator = c[at];
    if (separator == '-' || separator == ' ') {
      at++;
    }
    if (at < end && (c[at] == 'Q' || c[at] == 'q' || c[at] == 'W')) {
      boolean isWeek = c[at++] == 'W';
      int start = at;
      first = number(2);
      boolean fits =
          isWeek
              ? at - start == 2 && first >= 1 && first <= 53
              : at - start == 1 && first >= 1 && first <= 4;
      return !fits ? Reading.OTHER : isWeek ? Reading.WEEK : Reading.QUARTER;
    }
    if (!isSeparator(separator)) {
      return Reading.OTHER;
    }
    at += separator == '-' ? 0 : 1;
    int start = at;
    first = number(2);
    if (at == start || first < 1 || first > 12) {
      return Reading.OTHER;
    }
    if (at == end) {
      return separator == '.' ? Reading.OTHER : Reading.MONTH;
    }
    if (c[at] != separator) {
      return Reading.OTHER;
    }
    at++;
    start = at;
    second = number(2);
    return at > start && isDate(first, second) ? Reading.DATE : Reading.OTHER;
  }

  private static boolean isSeparator(char c) {
    return c == '-' || c == '/' || c == '.';
  }

  private boolean isDate(int month, int day) {
    return month >= 1
        && month <= 12
        && day >= 1
        && day <= YearMonth.of(Math.max(year, 1), month).lengthOfMonth();
  }

  /// Up to so many digits.
  private int number(int most) {
    int number = 0;
    for (int i = 0; i < most && at < end && c[at] >= '0' && c[at] <= '9'; i++) {
      number = 10 * number + c[at++] - '0';
    }
    return number;
  }

  private boolean timeOfDay() {
    if (c[at] != ' ' && c[at] != 'T' && c[at] != 't') {
      return false;
    }
    at++;
    int start = at;
    int hour = number(2);
    if (at == start || at == end || c[at++] != ':') {
      return false;
    }
    start = at;
    int minute = number(2);
    if (at - start != 2 || minute > 59) {
      return false;
    }
    long micros = 0;
    if (at < end && c[at] == ':') {
      at++;
      start = at;
      int seconds = number(2);
      if (at - start != 2 || seconds > 59) {
        return false;
      }
      micros = seconds * MICROS;
      if (at < end && (c[at] == '.' || c[at] == ',')) {
        at++;
        long fraction = fraction();
        if (fraction < 0) {
          return false;
        }
        micros += fraction;
      }
    }
    hour = halfOfDay(hour);
    if (hour < 0 || hour > 23) {
      return false;
    }
    timeOfDay = (hour * 60L + minute) * 60 * MICROS + micros;
    return at == end || zone();
  }

  /// In microseconds; negative if it is none, or a finer one.
  private long fraction() {
    long fraction = 0;
    int digits = 0;
    for (; at < end && c[at] >= '0' && c[at] <= '9'; at++, digits++) {
      if (digits < 6) {
        fraction = 10 * fraction + c[at] - '0';
      } else if (c[at] != '0') {
        return -1;
      }
    }
    for (int i = digits; i < 6; i++) {
      fraction *= 10;
    }
    return digits == 0 ? -1 : fraction;
  }

  private int halfOfDay(int hour) {
    int letters = at < end && c[at] == ' ' ? at + 1 : at;
    if (end - letters != 2 || (c[letters + 1] | ' ') != 'm') {
      return hour;
    }
    char half = (char) (c[letters] | ' ');
    if (half != 'a' && half != 'p') {
      return hour;
    }
    at = end;
    return hour < 1 || hour > 12 ? -1 : hour % 12 + (half == 'p' ? 12 : 0);
  }

  private boolean zone() {
    if (c[at] == ' ') {
      at++;
    }
    isZoned = true;
    int left = end - at;
    if ((left == 1 && (c[at] == 'Z' || c[at] == 'z'))
        || (left == 3 && c[at] == 'U' && c[at + 1] == 'T' && c[at + 2] == 'C')) {
      at = end;
      return true;
    }
    if (left < 3 || (c[at] != '+' && c[at] != '-')) {
      return false;
    }
    int sign = c[at++] == '-' ? -1 : 1;
    int start = at;
    int hours = number(2);
    if (at - start != 2) {
      return false;
    }
    int minutes = 0;
    if (at < end) {
      at += c[at] == ':' ? 1 : 0;
      start = at;
      minutes = number(2);
      if (at - start != 2) {
        return false;
      }
    }
    offset = sign * (hours * 60 + minutes) * 60;
    return hours <= 18 && minutes <= 59;
  }

  /// Whether the zone is written with it.
  boolean isZoned() {
    return isZoned;
  }

  /// How far its clock is ahead of UTC, in seconds.
  int offset() {
    return offset;
  }

  /// Microseconds from 1970-01-01 00:00 on its own clock.
  long local(DateOrder order) {
    long day =
        switch (reading) {
          case DATE -> LocalDate.of(year, first, second).toEpochDay();
          case MONTH -> LocalDate.of(year, first, 1).toEpochDay();
          case QUARTER -> LocalDate.of(year, 3 * first - 2, 1).toEpochDay();
          case WEEK -> monday();
          case EITHER_ORDER, DAY_FIRST, MONTH_FIRST ->
              order == DateOrder.DAY_FIRST
                  ? LocalDate.of(year, second, first).toEpochDay()
                  : LocalDate.of(year, first, second).toEpochDay();
          default -> throw new IllegalStateException("no time was read: " + reading);
        };
    return day * DAY + timeOfDay;
  }

  /// The first day of an ISO week: week 1 has January 4.
  private long monday() {
    LocalDate january = LocalDate.of(year, 1, 4);
    return january.toEpochDay() - (january.getDayOfWeek().getValue() - 1) + 7L * (first - 1);
  }
}
