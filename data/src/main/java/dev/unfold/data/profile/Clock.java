package dev.unfold.data.profile;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Column;
import dev.unfold.data.table.ColumnType;
import dev.unfold.data.table.NumberClock;
import dev.unfold.data.table.Row;
import dev.unfold.data.table.Table;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Reads the times of a column: the instant, and what a clock in the zone shows then.
///
/// **Threads**: one at a time.
public final class Clock {
  private static final Set<String> TIMELY =
      Set.of("time", "date", "timestamp", "ts", "ds", "datetime", "year", "day", "epoch");

  private static final long SECOND = 1_000_000;
  private static final DateTimeFormatter MINUTES =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT);
  private static final DateTimeFormatter DATES =
      DateTimeFormatter.ofPattern("uuuu-MM-dd", Locale.ROOT);

  private final Column column;

  /// Month and day, if the column has the year alone.
  private final List<Column> parts;

  private final Optional<ZoneId> zone;
  private long instant;
  private long local;

  /// How many instants a wall clock's time is.
  public enum Reading {
    /// One.
    ONE,
    /// None: the clock was put forward over it.
    NONE,
    /// Two: the clock was put back over it.
    TWO,
    /// It is missing, or no date.
    MISSING
  }

  /// @param columns one of times, or those of year, month and perhaps day
  Clock(List<Column> columns, Optional<ZoneId> zone) {
    this.column = columns.getFirst();
    this.parts = columns.subList(1, columns.size());
    this.zone = zone;
    if (zone.isPresent() && isOrder()) {
      throw new Refusal("tz", "a column of times", "an order of numbers in " + column.name());
    }
  }

  /// That of the columns which `options` name, or of the first that looks like one; empty if none does.
  ///
  /// **Errors**: [DataException] for columns that are not there, or no times.
  public static Optional<Clock> of(Table table, ProfileOptions options) {
    if (!options.time().isEmpty()) {
      List<Column> named = options.time().stream().map(name -> table.column("time", name)).toList();
      return Optional.of(named(named, options.zone()));
    }
    return found(table.columns(), options);
  }

  private static Optional<Clock> found(List<Column> columns, ProfileOptions options) {
    return columns.stream()
        .filter(column -> column.type() == ColumnType.TIME)
        .findFirst()
        .or(() ->
            columns.stream()
                .filter(column -> column.type() == ColumnType.WHOLE)
                .filter(column -> column.clock() != NumberClock.ORDER)
                .filter(column -> TIMELY.contains(column.name().toLowerCase(Locale.ROOT)))
                .findFirst())
        .map(column -> new Clock(withParts(column, columns), options.zone()));
  }

  /// The same of columns that are known.
  public static Optional<Clock> of(List<Column> columns, ProfileOptions options) {
    if (!options.time().isEmpty()) {
      List<Column> named = new ArrayList<>();
      for (String name : options.time()) {
        columns.stream().filter(each -> each.name().equals(name)).forEach(named::add);
      }
      if (named.size() < options.time().size()) {
        throw new DataException(
            "time: expected columns %s, got %s"
                .formatted(options.time(), columns.stream().map(Column::name).toList()));
      }
      return Optional.of(named(named, options.zone()));
    }
    return found(columns, options);
  }

  /// A column of years with those of months and days beside it.
  private static List<Column> withParts(Column column, List<Column> columns) {
    List<Column> all = new ArrayList<>(List.of(column));
    boolean isYear = column.type() == ColumnType.WHOLE && column.clock() == NumberClock.YEARS;
    for (String part : isYear ? List.of("month", "day") : List.<String>of()) {
      Optional<Column> found =
          columns.stream()
              .filter(each -> each.type() == ColumnType.WHOLE)
              .filter(each -> each.name().equalsIgnoreCase(part))
              .findFirst();
      if (found.isEmpty()) {
        break;
      }
      all.add(found.get());
    }
    return all;
  }

  /// Columns that were named as those of times.
  static Clock named(List<Column> columns, Optional<ZoneId> zone) {
    if (columns.size() > 3) {
      throw new DataException(
          "time: expected one column, or those of year, month and day, got " + columns.size());
    }
    for (Column each : columns) {
      boolean isTime = each.type() == ColumnType.TIME && columns.size() == 1;
      if (!isTime && each.type() != ColumnType.WHOLE) {
        throw unusable(each, columns.size());
      }
    }
    Column first = columns.getFirst();
    if (columns.size() > 1 && first.clock() != NumberClock.YEARS) {
      throw new DataException(
          "time: expected a column of years before that of months, got " + first.name());
    }
    return new Clock(columns, zone);
  }

  private static DataException unusable(Column column, int columns) {
    String odd =
        column.odd().map(o -> "; line %d has %s".formatted(o.place().line(), o.value())).orElse("");
    return new DataException(
        "time: expected %s, got %s, which is %s%s"
            .formatted(
                columns == 1
                    ? "a column of dates, times or whole numbers"
                    : "columns of year, month and day",
                column.name(),
                column.type().text(),
                odd));
  }

  /// What people call it: its column, or its columns.
  public String name() {
    StringBuilder name = new StringBuilder(column.name());
    parts.forEach(each -> name.append(", ").append(each.name()));
    return name.toString();
  }

  /// Whether a column is, or is a part of, the time.
  public boolean has(Column other) {
    return other.equals(column) || parts.contains(other);
  }

  /// Whether times are but numbers.
  public boolean isOrder() {
    return column.type() == ColumnType.WHOLE && column.clock() == NumberClock.ORDER;
  }

  /// Whether each time says which instant it is.
  boolean isZoned() {
    return column.isZoned()
        || (column.type() == ColumnType.WHOLE
            && (column.clock() == NumberClock.SECONDS
                || column.clock() == NumberClock.MILLISECONDS));
  }

  /// Reads the time of a row, which is that of a series: of an hour that exists twice the first comes first.
  public Reading read(Row row, SeriesTimes series) {
    return read(row, series.direction(), series.rows() == 0, series.instant());
  }

  /// The same of rows that come forward in time.
  ///
  /// @param last the instant of the row before of the same series; [Long#MIN_VALUE] for none
  public Reading readAfter(Row row, long last) {
    return read(row, 1, last == Long.MIN_VALUE, last);
  }

  private Reading read(Row row, int direction, boolean isFirstRow, long last) {
    if (row.isMissing(column.index()) || !readLocal(row)) {
      return Reading.MISSING;
    }
    if (isZoned()) {
      instant = local - row.offset(column.index()) * SECOND;
      if (zone.isPresent()) {
        Instant at = Instant.EPOCH.plus(instant, ChronoUnit.MICROS);
        local = instant + zone.get().getRules().getOffset(at).getTotalSeconds() * SECOND;
      }
      return Reading.ONE;
    }
    instant = local;
    return zone.map(each -> resolve(each, direction, isFirstRow, last)).orElse(Reading.ONE);
  }

  private boolean readLocal(Row row) {
    if (parts.isEmpty()) {
      local = row.time(column.index());
      return true;
    }
    int[] date = {(int) row.number(column.index()), 1, 1};
    for (int i = 0; i < parts.size(); i++) {
      int index = parts.get(i).index();
      if (row.isMissing(index)) {
        return false;
      }
      date[i + 1] = (int) row.number(index);
    }
    if (date[1] < 1 || date[1] > 12) {
      return false;
    }
    YearMonth month = YearMonth.of(date[0], date[1]);
    if (!month.isValidDay(date[2])) {
      return false;
    }
    local = month.atDay(date[2]).toEpochDay() * SeriesTimes.DAY;
    return true;
  }

  private Reading resolve(ZoneId in, int direction, boolean isFirstRow, long last) {
    LocalDateTime wall = dateTime(local);
    List<ZoneOffset> offsets = in.getRules().getValidOffsets(wall);
    if (offsets.isEmpty()) {
      ZoneOffset before = in.getRules().getTransition(wall).getOffsetBefore();
      instant = local - before.getTotalSeconds() * SECOND;
      return Reading.NONE;
    }
    instant = local - offsets.getFirst().getTotalSeconds() * SECOND;
    if (offsets.size() == 1) {
      return Reading.ONE;
    }
    long later = local - offsets.getLast().getTotalSeconds() * SECOND;
    boolean isFirst = direction < 0 ? !isFirstRow && last <= later : isFirstRow || last < instant;
    instant = isFirst ? instant : later;
    return Reading.TWO;
  }

  /// The instant of the row that was read, in microseconds, or its number if times are but an order.
  public long instant() {
    return instant;
  }

  /// What a clock in the zone shows then, in microseconds from 1970-01-01 00:00.
  public long local() {
    return local;
  }

  private static LocalDateTime dateTime(long micros) {
    return LocalDateTime.ofEpochSecond(
        Math.floorDiv(micros, SECOND), (int) Math.floorMod(micros, SECOND) * 1000, ZoneOffset.UTC);
  }

  /// As people write it.
  ///
  /// @param frequency without a time of day if it is of days or longer
  String text(long micros, Frequency frequency) {
    return isOrder() ? Long.toString(micros) : shown(micros, frequency);
  }

  /// A time as people write it, without a time of day if the frequency is of days or longer.
  ///
  /// @param micros what a clock shows, in microseconds from 1970-01-01 00:00
  public static String shown(long micros, Frequency frequency) {
    boolean isLong =
        frequency.unit().isRegular() && frequency.unit().compareTo(FrequencyUnit.DAY) >= 0;
    return text(micros, isLong);
  }

  private static String text(long micros, boolean isLong) {
    LocalDateTime at = dateTime(micros);
    if (isLong && micros % SeriesTimes.DAY == 0) {
      return at.format(DATES);
    }
    return micros % (60 * SECOND) == 0
        ? at.format(MINUTES)
        : at.format(DATES) + " " + at.toLocalTime();
  }

  /// A time of any column of times.
  static String text(long micros) {
    return text(micros, true);
  }
}
