package dev.unfold.data.profile;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/// How often a series has a value: one every `count` of a unit.
///
/// @param unit what is counted
/// @param count how many of it lie between two values
public record Frequency(FrequencyUnit unit, long count) {
  static final Frequency UNKNOWN = new Frequency(FrequencyUnit.UNKNOWN, 0);
  static final Frequency IRREGULAR = new Frequency(FrequencyUnit.IRREGULAR, 0);

  private static final long MILLISECOND = 1000;
  private static final long SECOND = 1_000_000;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;

  /// One value every so many microseconds.
  static Frequency ofMicros(long micros) {
    if (micros % HOUR == 0) {
      return new Frequency(FrequencyUnit.HOUR, micros / HOUR);
    }
    if (micros % MINUTE == 0) {
      return new Frequency(FrequencyUnit.MINUTE, micros / MINUTE);
    }
    return micros % SECOND == 0
        ? new Frequency(FrequencyUnit.SECOND, micros / SECOND)
        : new Frequency(FrequencyUnit.MICROSECOND, micros);
  }

  /// Rows as they come, at any distances.
  ///
  /// @param gap from one to the next in the median, in microseconds; 0 if that is not known
  public static Frequency ofRows(long gap) {
    return new Frequency(FrequencyUnit.IRREGULAR, gap);
  }

  /// That of most rows of several series.
  ///
  /// @param isOrder whether times are but numbers
  public static Frequency ofMost(Collection<SeriesTimes> series, boolean isOrder) {
    Map<Frequency, Long> rows = new HashMap<>();
    for (SeriesTimes each : series) {
      Frequency own = each.frequency(isOrder);
      if (!own.equals(UNKNOWN)) {
        rows.merge(own, each.rows(), Long::sum);
      }
    }
    return rows.entrySet().stream()
        .max(
            Map.Entry.<Frequency, Long>comparingByValue()
                .thenComparing(each -> each.getKey().text()))
        .map(Map.Entry::getKey)
        .orElse(UNKNOWN);
  }

  static Frequency ofDays(long days) {
    return days % 7 == 0
        ? new Frequency(FrequencyUnit.WEEK, days / 7)
        : new Frequency(FrequencyUnit.DAY, days);
  }

  static Frequency ofMonths(long months) {
    if (months % 12 == 0) {
      return new Frequency(FrequencyUnit.YEAR, months / 12);
    }
    return months % 3 == 0
        ? new Frequency(FrequencyUnit.QUARTER, months / 3)
        : new Frequency(FrequencyUnit.MONTH, months);
  }

  /// How many values the usual season has: a day of hours, an hour of seconds, a year of months; 1 for none.
  public int season() {
    int whole = unit.season();
    return whole == 0 || count == 0 || whole % count != 0 ? 1 : (int) (whole / count);
  }

  /// `every hour`, `every 15 minutes`
  public String text() {
    if (unit == FrequencyUnit.IRREGULAR && count > 0) {
      return "irregular, in the median " + ofMicros(count).text();
    }
    if (!unit.isRegular()) {
      return unit.text();
    }
    if (unit == FrequencyUnit.MICROSECOND) {
      return count % MILLISECOND == 0
          ? "every %,d ms".formatted(count / MILLISECOND)
          : "every %,d microseconds".formatted(count);
    }
    return count == 1 ? "every " + unit.text() : "every %,d %ss".formatted(count, unit.text());
  }
}
