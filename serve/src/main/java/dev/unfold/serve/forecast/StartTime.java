package dev.unfold.serve.forecast;

import dev.unfold.argument.Refusal;
import dev.unfold.data.profile.Frequency;
import dev.unfold.data.profile.FrequencyUnit;
import dev.unfold.data.series.Timeline;
import dev.unfold.serve.json.Fields;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// When a series begins.
///
/// @param local what a clock shows then
/// @param offset of that clock, if it is said
record StartTime(LocalDateTime local, Optional<ZoneOffset> offset) {
  private static final int LAST_YEAR = 9999;
  private static final int MICRO = 1000;

  /// The time that ISO 8601 writes so: a month, a date, or a date with a time of day, which may have an offset.
  ///
  /// **Errors**: [Refusal] for another text, and for parts of a microsecond.
  static StartTime parse(String argument, String text) {
    try {
      StartTime start = read(text.strip());
      int year = start.local.getYear();
      boolean isUsable =
          year >= 1 && year <= LAST_YEAR && start.local.toLocalTime().toNanoOfDay() % MICRO == 0;
      if (isUsable) {
        return start;
      }
    } catch (DateTimeException _) {
      // Told below.
    }
    throw new Refusal(
        argument, "a time such as 2025-01-31 or 2025-01-31T12:00:00Z", Fields.shown(text));
  }

  private static StartTime read(String text) {
    boolean hasBlank = text.length() > 10 && text.charAt(10) == ' ';
    String iso = hasBlank ? text.substring(0, 10) + 'T' + text.substring(11) : text;
    if (iso.indexOf('T') < 0) {
      LocalDate date = iso.length() == 7 ? YearMonth.parse(iso).atDay(1) : LocalDate.parse(iso);
      return new StartTime(date.atStartOfDay(), Optional.empty());
    }
    boolean hasOffset = iso.endsWith("Z") || iso.lastIndexOf('+') > 10 || iso.lastIndexOf('-') > 10;
    if (!hasOffset) {
      return new StartTime(LocalDateTime.parse(iso), Optional.empty());
    }
    OffsetDateTime at = OffsetDateTime.parse(iso);
    return new StartTime(at.toLocalDateTime(), Optional.of(at.getOffset()));
  }

  /// The steps of a series that begins then.
  ///
  /// @param zone in which a model's steps are; empty if they are on the clock that times were written by
  ///
  /// **Errors**: [Refusal] if no step can be there.
  Timeline timeline(String argument, Frequency frequency, Optional<ZoneId> zone) {
    if (frequency.unit() == FrequencyUnit.BUSINESS_DAY
        && local.getDayOfWeek().compareTo(DayOfWeek.FRIDAY) > 0) {
      throw new Refusal(argument, "a day from Monday to Friday", local.toLocalDate());
    }
    LocalDateTime shown = offset.isPresent() && zone.isPresent() ? in(zone.get()) : local;
    // Of an hour that there is twice the first, as in tables.
    ZoneOffset ahead =
        offset.orElseGet(
            () -> zone.map(in -> in.getRules().getOffset(local)).orElse(ZoneOffset.UTC));
    long instant = micros(local) - ahead.getTotalSeconds() * 1_000_000L;
    // A month whose last day is named goes on with last days, as tables with such rows do.
    boolean isOfLastDays =
        isOfMonths(frequency) && shown.getDayOfMonth() == shown.toLocalDate().lengthOfMonth();
    return new Timeline(frequency, instant, micros(shown), zone, isOfLastDays);
  }

  private LocalDateTime in(ZoneId zone) {
    return local.atOffset(offset.orElseThrow()).atZoneSameInstant(zone).toLocalDateTime();
  }

  private static boolean isOfMonths(Frequency frequency) {
    return switch (frequency.unit()) {
      case MONTH, QUARTER, YEAR -> true;
      default -> false;
    };
  }

  private static long micros(LocalDateTime at) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, at.toInstant(ZoneOffset.UTC));
  }

  /// A step of such a timeline as ISO 8601, with an offset if the start had one.
  String iso(Timeline timeline, long step) {
    LocalDateTime at = timeline.local(step);
    if (offset.isEmpty()) {
      return at.format(DateTimeFormatter.ISO_LOCAL_DATE_TIME);
    }
    ZoneOffset ahead = timeline.zone().map(in -> in.getRules().getOffset(at)).orElse(offset.get());
    return at.atOffset(ahead).format(DateTimeFormatter.ISO_OFFSET_DATE_TIME);
  }
}
