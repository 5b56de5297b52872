package dev.unfold.run.series;

import dev.unfold.argument.Refusal;
import dev.unfold.data.profile.FrequencyUnit;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;

/// A part of a time, as a place on a circle: sine and cosine, so that December is next to January.
public enum Calendar {
  /// The second of the minute.
  SECOND(60, LocalDateTime::getSecond),
  /// The minute of the hour.
  MINUTE(60, LocalDateTime::getMinute),
  /// The hour of the day.
  HOUR(24, LocalDateTime::getHour),
  /// The day of the week.
  WEEKDAY(7, at -> at.getDayOfWeek().ordinal()),
  /// The day of the month.
  MONTHDAY(31, at -> at.getDayOfMonth() - 1),
  /// The week of the year, by its day.
  WEEK(53, at -> (at.getDayOfYear() - 1) / 7),
  /// The day of the year.
  YEARDAY(366, at -> at.getDayOfYear() - 1),
  /// The month of the year.
  MONTH(12, at -> at.getMonthValue() - 1);

  private final ToIntFunction<LocalDateTime> place;
  private final double[] sines;
  private final double[] cosines;

  Calendar(int places, ToIntFunction<LocalDateTime> place) {
    this.place = place;
    sines = new double[places];
    cosines = new double[places];
    for (int i = 0; i < places; i++) {
      sines[i] = Math.sin(2 * Math.PI * i / places);
      cosines[i] = Math.cos(2 * Math.PI * i / places);
    }
  }

  double sine(LocalDateTime at) {
    return sines[place.applyAsInt(at)];
  }

  double cosine(LocalDateTime at) {
    return cosines[place.applyAsInt(at)];
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
