package dev.unfold.run.series;

import dev.unfold.argument.Refusal;
import dev.unfold.data.profile.FrequencyUnit;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Locale;

/// A part of a time, as a place on a circle: sine and cosine, so that December is next to January.
public enum Calendar {
  /// The second of the minute.
  SECOND(60),
  /// The minute of the hour.
  MINUTE(60),
  /// The hour of the day.
  HOUR(24),
  /// The day of the week.
  WEEKDAY(7),
  /// The day of the month.
  MONTHDAY(31),
  /// The week of the year, by its day.
  WEEK(53),
  /// The day of the year.
  YEARDAY(366),
  /// The month of the year.
  MONTH(12);

  // Never changed.
  @SuppressWarnings("ImmutableEnumChecker")
  private final double[] sines;

  @SuppressWarnings("ImmutableEnumChecker")
  private final double[] cosines;

  Calendar(int places) {
    sines = new double[places];
    cosines = new double[places];
    for (int place = 0; place < places; place++) {
      // So far around.
      double angle = 2 * Math.PI * place / places;
      sines[place] = Math.sin(angle);
      cosines[place] = Math.cos(angle);
    }
  }

  private int place(LocalDateTime at) {
    return switch (this) {
      case SECOND -> at.getSecond();
      case MINUTE -> at.getMinute();
      case HOUR -> at.getHour();
      case WEEKDAY -> at.getDayOfWeek().getValue() - 1;
      case MONTHDAY -> at.getDayOfMonth() - 1;
      case WEEK -> (at.getDayOfYear() - 1) / 7;
      case YEARDAY -> at.getDayOfYear() - 1;
      case MONTH -> at.getMonthValue() - 1;
    };
  }

  double sine(LocalDateTime at) {
    return sines[place(at)];
  }

  double cosine(LocalDateTime at) {
    return cosines[place(at)];
  }

  /// As people write it.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The one that `text` says.
  ///
  /// **Errors**: [Refusal] if it says none.
  public static Calendar parse(String text) {
    for (Calendar each : values()) {
      if (each.text().equals(text)) {
        return each;
      }
    }
    throw new Refusal(
        "calendar",
        "auto, none, or some of second, minute, hour, weekday, monthday, week, yearday and month",
        text);
  }

  /// What steps of that unit usually follow.
  public static List<Calendar> of(FrequencyUnit unit) {
    return switch (unit) {
      case MICROSECOND, SECOND -> List.of(SECOND, MINUTE, HOUR, WEEKDAY);
      case MINUTE -> List.of(MINUTE, HOUR, WEEKDAY);
      case HOUR -> List.of(HOUR, WEEKDAY, YEARDAY);
      case DAY, BUSINESS_DAY -> List.of(WEEKDAY, MONTHDAY, YEARDAY);
      case WEEK -> List.of(WEEK);
      case MONTH, QUARTER -> List.of(MONTH);
      case YEAR, ORDER, IRREGULAR, UNKNOWN -> List.of();
    };
  }
}
