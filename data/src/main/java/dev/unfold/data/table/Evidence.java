package dev.unfold.data.table;

import dev.unfold.data.source.DataException;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// What was seen of a column so far.
final class Evidence {
  private static final Reading[] READINGS = Reading.values();

  private final String name;
  private final Map<Reading, Seen> seen = new EnumMap<>(Reading.class);
  private final Seen local = new Seen();
  private final Seen zoned = new Seen();
  private long missing;
  private long values;
  private long least = Long.MAX_VALUE;
  private long most = Long.MIN_VALUE;
  private boolean areDates = true;

  /// How often something was seen, and where first.
  private static final class Seen {
    long count;
    Place place;
    String value = "";

    void add(Row row, int column) {
      if (count++ == 0) {
        place = row.place();
        // A little more than is shown, so that what is left out is seen.
        value =
            row.kind(column).isText()
                ? new String(row.chars(), row.start(column), Math.min(row.length(column), 100))
                : row.text(column);
      }
    }
  }

  /// @param before how many rows there were without this column
  Evidence(String name, long before) {
    this.name = name;
    this.missing = before;
  }

  void add(Row row, int column, TimeText times, TableOptions options) {
    if (row.isMissing(column)) {
      missing++;
      return;
    }
    values++;
    Reading reading =
        row.kind(column).isText() ? text(row, column, times, options) : known(row, column);
    seen.computeIfAbsent(reading, _ -> new Seen()).add(row, column);
  }

  private Reading text(Row row, int column, TimeText times, TableOptions options) {
    char[] c = row.chars();
    int start = row.start(column);
    int end = row.end(column);
    boolean isString = row.kind(column) == Row.Kind.STRING;
    Reading reading = isString ? Reading.OTHER : number(c, start, end, options);
    if (reading == Reading.WHOLE) {
      whole((long) NumberText.parse(c, start, end, '.'));
    } else if (reading == Reading.OTHER) {
      reading = times.read(c, start, end);
      if (reading != Reading.OTHER) {
        (times.isZoned() ? zoned : local).add(row, column);
      } else if (!isString && isBoolean(c, start, end)) {
        reading = Reading.BOOLEAN;
      }
    }
    return reading;
  }

  /// What is said of a value by the file.
  private Reading known(Row row, int column) {
    return switch (row.kind(column)) {
      case WHOLE -> {
        whole(row.word(column));
        yield Reading.WHOLE;
      }
      case LOCAL_TIME -> {
        local.add(row, column);
        yield Reading.DATE;
      }
      case INSTANT -> {
        zoned.add(row, column);
        yield Reading.DATE;
      }
      default ->
          Double.isInfinite(Double.longBitsToDouble(row.word(column)))
              ? Reading.INFINITE
              : Reading.FRACTION;
    };
  }

  private static Reading number(char[] c, int start, int end, TableOptions options) {
    Reading reading = NumberText.reading(c, start, end);
    if (options.decimal().isEmpty()) {
      return reading;
    }
    boolean comma = options.decimal().get() == ',';
    return switch (reading) {
      case COMMA_OR_THOUSANDS -> comma ? Reading.COMMA : Reading.THOUSANDS;
      case COMMA -> comma ? reading : Reading.OTHER;
      default -> reading;
    };
  }

  private void whole(long whole) {
    least = Math.min(least, whole);
    most = Math.max(most, whole);
    areDates = areDates && NumberClock.isDate(whole);
  }

  private static boolean isBoolean(char[] c, int start, int end) {
    int length = end - start;
    if (length < 2 || length > 5) {
      return false;
    }
    String word = new String(c, start, length);
    return word.equalsIgnoreCase("true")
        || word.equalsIgnoreCase("false")
        || word.equalsIgnoreCase("yes")
        || word.equalsIgnoreCase("no");
  }

  private long count(Reading... readings) {
    long count = 0;
    for (Reading reading : readings) {
      Seen of = seen.get(reading);
      count += of == null ? 0 : of.count;
    }
    return count;
  }

  private long numbers() {
    return count(
        Reading.WHOLE,
        Reading.FRACTION,
        Reading.COMMA,
        Reading.COMMA_OR_THOUSANDS,
        Reading.THOUSANDS,
        Reading.INFINITE);
  }

  private long times() {
    long count = 0;
    for (Reading reading : READINGS) {
      count += reading.isTime() ? count(reading) : 0;
    }
    return count;
  }

  /// Whether it is a column of numbers of which some can only have that decimal sign.
  boolean proves(char decimal) {
    return values > 0
        && numbers() == values
        && count(decimal == ',' ? Reading.COMMA : Reading.FRACTION) > 0;
  }

  /// What the column is.
  ///
  /// @param comma whether another column has decimal commas
  /// @param point whether another column has decimal points
  ///
  /// **Errors**: [DataException] for a column of numbers or times that can be read in several ways.
  Column column(int index, TableOptions options, boolean comma, boolean point) {
    if (values == 0) {
      return column(
          index, ColumnType.EMPTY, '.', DateOrder.DAY_FIRST, NumberClock.ORDER, Optional.empty());
    }
    if (numbers() == values) {
      char decimal = decimal(options, comma, point);
      boolean isWhole = count(Reading.WHOLE) == values;
      return column(
          index,
          isWhole ? ColumnType.WHOLE : ColumnType.NUMBER,
          decimal,
          DateOrder.DAY_FIRST,
          isWhole ? NumberClock.of(least, most, areDates) : NumberClock.ORDER,
          Optional.empty());
    }
    if (count(Reading.BOOLEAN) == values) {
      return column(
          index, ColumnType.BOOLEAN, '.', DateOrder.DAY_FIRST, NumberClock.ORDER, Optional.empty());
    }
    if (times() == values && hasOneForm()) {
      return column(
          index, ColumnType.TIME, '.', order(options), NumberClock.ORDER, Optional.empty());
    }
    return column(index, ColumnType.TEXT, '.', DateOrder.DAY_FIRST, NumberClock.ORDER, odd());
  }

  private Column column(
      int index,
      ColumnType type,
      char decimal,
      DateOrder dates,
      NumberClock clock,
      Optional<Column.Odd> odd) {
    boolean isZoned = type == ColumnType.TIME && zoned.count > 0;
    return new Column(
        index, name, type, values + missing, missing, decimal, dates, isZoned, clock, odd);
  }

  private char decimal(TableOptions options, boolean comma, boolean point) {
    refuse(Reading.INFINITE, "a finite number");
    refuse(Reading.THOUSANDS, "a number without separators of thousands");
    Seen either = seen.get(Reading.COMMA_OR_THOUSANDS);
    boolean hasComma = count(Reading.COMMA) > 0;
    boolean hasPoint = count(Reading.FRACTION) > 0;
    if (options.decimal().isPresent() && options.decimal().get() == ',') {
      refuse(Reading.FRACTION, "a decimal comma, as --decimal says");
    }
    if (hasComma && hasPoint) {
      Seen other = seen.get(Reading.FRACTION);
      throw other.place.refusal(
          name,
          "one decimal sign in the column, and line %d has %s"
              .formatted(
                  seen.get(Reading.COMMA).place.line(), Place.shown(seen.get(Reading.COMMA).value)),
          other.value);
    }
    if (either == null) {
      return hasComma || (options.decimal().orElse('.') == ',') ? ',' : '.';
    }
    if (hasPoint || (point && !hasComma)) {
      refuse(Reading.COMMA_OR_THOUSANDS, "a number without separators of thousands");
    }
    if (hasComma || comma) {
      return ',';
    }
    String digits = either.value.replace(",", "");
    throw either.place.refusal(
        name,
        "a number that can be read in one way (--decimal , or --decimal . says which)",
        "%s, which is %s or %s".formatted(either.value, either.value.replace(',', '.'), digits));
  }

  private void refuse(Reading reading, String expected) {
    Seen of = seen.get(reading);
    if (of != null) {
      throw of.place.refusal(name, expected, Place.shown(of.value));
    }
  }

  /// Whether all of its times are written alike.
  private boolean hasOneForm() {
    long slashes =
        count(Reading.EITHER_ORDER, Reading.DAY_FIRST, Reading.MONTH_FIRST, Reading.SHORT_YEAR);
    return count(Reading.DATE) == values
        || count(Reading.MONTH) == values
        || count(Reading.QUARTER) == values
        || count(Reading.WEEK) == values
        || slashes == values;
  }

  private DateOrder order(TableOptions options) {
    refuse(Reading.SHORT_YEAR, "a year of four digits");
    if (zoned.count > 0 && local.count > 0) {
      Seen later = zoned.place.line() > local.place.line() ? zoned : local;
      throw later.place.refusal(
          name, "times that all have a zone or all have none", Place.shown(later.value));
    }
    Seen day = seen.get(Reading.DAY_FIRST);
    Seen month = seen.get(Reading.MONTH_FIRST);
    if (day != null && month != null) {
      boolean dayFirst = options.dates().orElse(DateOrder.DAY_FIRST) == DateOrder.DAY_FIRST;
      Seen other = dayFirst ? month : day;
      Seen first = dayFirst ? day : month;
      throw other.place.refusal(
          name,
          "dates in one order, and line %d has %s".formatted(first.place.line(), first.value),
          Place.shown(other.value));
    }
    if (day == null && month == null) {
      Seen either = seen.get(Reading.EITHER_ORDER);
      if (either == null) {
        return DateOrder.DAY_FIRST;
      }
      return options.dates().orElseThrow(() -> ambiguous(either));
    }
    DateOrder found = day != null ? DateOrder.DAY_FIRST : DateOrder.MONTH_FIRST;
    if (options.dates().isPresent() && options.dates().get() != found) {
      Seen first = day != null ? day : month;
      throw first.place.refusal(
          name, "dates with the order " + options.dates().get().text(), Place.shown(first.value));
    }
    return found;
  }

  private DataException ambiguous(Seen either) {
    TimeText time = new TimeText();
    time.read(either.value.toCharArray(), 0, either.value.length());
    return either.place.refusal(
        name,
        "dates of which one can be read in one way only (--dates day-first or month-first says"
            + " which)",
        "%s, which is %s or %s"
            .formatted(
                either.value,
                date(time.local(DateOrder.DAY_FIRST)),
                date(time.local(DateOrder.MONTH_FIRST))));
  }

  private static String date(long micros) {
    return LocalDate.ofEpochDay(Math.floorDiv(micros, TimeText.DAY)).toString();
  }

  /// What most of a text's values could be, if that is clear.
  private Optional<Column.Odd> odd() {
    long numbers = numbers();
    long times = times();
    boolean areNumbers = numbers >= times;
    long count = Math.max(numbers, times);
    if (count == values && !areNumbers) {
      // All are times, in different forms: the first of the rarest is odd.
      return rarest().map(of -> odd(of, ColumnType.TIME, values - of.count));
    }
    if (2 * count <= values || count == values) {
      return Optional.empty();
    }
    Seen first = null;
    for (Reading reading : READINGS) {
      boolean isOne = areNumbers ? reading.compareTo(Reading.BOOLEAN) < 0 : reading.isTime();
      Seen of = seen.get(reading);
      if (!isOne && of != null && (first == null || of.place.line() < first.place.line())) {
        first = of;
      }
    }
    return Optional.of(odd(first, areNumbers ? ColumnType.NUMBER : ColumnType.TIME, count));
  }

  private Optional<Seen> rarest() {
    Seen rarest = null;
    for (Seen of : seen.values()) {
      if (rarest == null || of.count < rarest.count) {
        rarest = of;
      }
    }
    return Optional.ofNullable(rarest);
  }

  private Column.Odd odd(Seen first, ColumnType type, long count) {
    return new Column.Odd(first.place, Place.shown(first.value), type, count, values - count);
  }
}
