package dev.unfold.data.table;

import java.time.LocalDate;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What lies between two values of a series of a `.tsf` file.
///
/// @param micros of a step; 0 if it has months
/// @param months of a step; 0 if it has microseconds
record TsfStep(long micros, long months) {
  private static final Pattern COUNTED =
      Pattern.compile("([1-9][0-9]{0,4})_(second|minute|hour|day|week|month|quarter|year)s?");
  private static final int LAST_YEAR = 9999;
  private static final long END = LocalDate.of(LAST_YEAR + 1, 1, 1).toEpochDay() * TimeText.DAY;

  /// `hourly`, `half_hourly`, `4_seconds`; empty for what is none.
  static Optional<TsfStep> parse(String text) {
    String name = text.toLowerCase(Locale.ROOT);
    Matcher counted = COUNTED.matcher(name);
    if (counted.matches()) {
      return Optional.of(of(Integer.parseInt(counted.group(1)), counted.group(2)));
    }
    return switch (name) {
      case "secondly" -> Optional.of(of(1, "second"));
      case "minutely" -> Optional.of(of(1, "minute"));
      case "half_hourly" -> Optional.of(of(30, "minute"));
      case "hourly" -> Optional.of(of(1, "hour"));
      case "daily" -> Optional.of(of(1, "day"));
      case "weekly" -> Optional.of(of(1, "week"));
      case "monthly" -> Optional.of(of(1, "month"));
      case "quarterly" -> Optional.of(of(1, "quarter"));
      case "yearly" -> Optional.of(of(1, "year"));
      default -> Optional.empty();
    };
  }

  private static TsfStep of(long count, String unit) {
    return switch (unit) {
      case "second" -> new TsfStep(count * TimeText.MICROS, 0);
      case "minute" -> new TsfStep(count * 60 * TimeText.MICROS, 0);
      case "hour" -> new TsfStep(count * 3600 * TimeText.MICROS, 0);
      case "day" -> new TsfStep(count * TimeText.DAY, 0);
      case "week" -> new TsfStep(count * 7 * TimeText.DAY, 0);
      case "month" -> new TsfStep(0, count);
      case "quarter" -> new TsfStep(0, 3 * count);
      default -> new TsfStep(0, 12 * count);
    };
  }

  /// The time of a value, in microseconds as its start; empty after the year 9999.
  ///
  /// @param number of the value, from 0
  OptionalLong time(long start, long number) {
    if (micros > 0) {
      return number <= (END - 1 - start) / micros
          ? OptionalLong.of(start + number * micros)
          : OptionalLong.empty();
    }
    LocalDate first = LocalDate.ofEpochDay(Math.floorDiv(start, TimeText.DAY));
    if (first.getYear() + number * months / 12 > LAST_YEAR) {
      return OptionalLong.empty();
    }
    long time =
        first.plusMonths(number * months).toEpochDay() * TimeText.DAY
            + Math.floorMod(start, TimeText.DAY);
    return time < END ? OptionalLong.of(time) : OptionalLong.empty();
  }
}
