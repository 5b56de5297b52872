package dev.unfold.sql;

import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Place;
import dev.unfold.data.table.QuerySink;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Clob;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/// A column of an answer.
///
/// @param index from 1
/// @param name its label
/// @param type one of [Types]
/// @param typeName as the database calls it
record ResultColumn(int index, String name, int type, String typeName) {
  private static final int LAST_YEAR = 9999;

  static List<ResultColumn> of(ResultSetMetaData metaData) throws SQLException {
    List<ResultColumn> all = new ArrayList<>();
    for (int i = 1; i <= metaData.getColumnCount(); i++) {
      all.add(
          new ResultColumn(
              i,
              metaData.getColumnLabel(i),
              metaData.getColumnType(i),
              metaData.getColumnTypeName(i)));
    }
    return all;
  }

  /// Gives the value of the row at hand to `sink`.
  void copy(ResultSet rows, long row, QuerySink sink) throws SQLException {
    switch (type) {
      case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT -> {
        long value = rows.getLong(index);
        if (rows.wasNull()) {
          sink.missing();
        } else {
          sink.whole(value);
        }
      }
      case Types.REAL, Types.FLOAT, Types.DOUBLE -> {
        double value = rows.getDouble(index);
        sink.number(rows.wasNull() ? Double.NaN : value);
      }
      default -> copy(object(rows), row, sink);
    }
  }

  /// Times as classes that have no zone of their own: the old ones are of the zone of this machine, whose clocks pass
  /// over hours that other clocks show.
  private Object object(ResultSet rows) throws SQLException {
    if (isZoned()) {
      // An instant. That of DuckDB as a time with an offset is an hour wrong beside a change of
      // clocks.
      return rows.getTimestamp(index);
    }
    Class<?> time =
        switch (type) {
          case Types.DATE -> LocalDate.class;
          case Types.TIME -> LocalTime.class;
          case Types.TIMESTAMP -> LocalDateTime.class;
          default -> null;
        };
    if (time == null) {
      return rows.getObject(index);
    }
    try {
      return rows.getObject(index, time);
    } catch (SQLException | UnsupportedOperationException _) {
      // A driver from before these classes.
      return rows.getObject(index);
    }
  }

  private void copy(Object value, long row, QuerySink sink) throws SQLException {
    switch (value) {
      case null -> sink.missing();
      case Boolean yes -> sink.yesOrNo(yes);
      case Byte number -> sink.whole(number);
      case Short number -> sink.whole(number);
      case Integer number -> sink.whole(number);
      case Long number -> sink.whole(number);
      case BigInteger number -> decimal(new BigDecimal(number), sink);
      case BigDecimal number -> decimal(number, sink);
      case Number number -> sink.number(number.doubleValue());
      case String text -> sink.text(text);
      case UUID id -> sink.text(id.toString());
      case Clob text -> sink.text(text.getSubString(1, (int) Math.min(text.length(), 1 << 25)));
      case Date date -> local(date.toLocalDate().atStartOfDay(), row, sink);
      case LocalDate date -> local(date.atStartOfDay(), row, sink);
      case Timestamp time when isZoned() -> instant(time.toInstant(), row, sink);
      case Timestamp time -> local(time.toLocalDateTime(), row, sink);
      case LocalDateTime time -> local(time, row, sink);
      case OffsetDateTime time -> instant(time.toInstant(), row, sink);
      case ZonedDateTime time -> instant(time.toInstant(), row, sink);
      case Instant time -> instant(time, row, sink);
      case Time time -> sink.text(time.toLocalTime().toString());
      case LocalTime time -> sink.text(time.toString());
      default ->
          throw refusal(row, "a number, a text, yes or no, or a time", "one of type " + typeName);
    }
  }

  private DataException refusal(long row, String expected, String got) {
    return new Place("query", row).refusal(name, expected, got);
  }

  /// Databases have an infinite time as one that is far away.
  private void expectWithin(LocalDateTime time, long row) {
    if (Math.abs(time.getYear()) > LAST_YEAR) {
      throw refusal(row, "a time before the year 10000 and after -10000", time.toString());
    }
  }

  private void local(LocalDateTime time, long row, QuerySink sink) {
    expectWithin(time, row);
    sink.local(time);
  }

  private void instant(Instant time, long row, QuerySink sink) {
    expectWithin(LocalDateTime.ofInstant(time, ZoneOffset.UTC), row);
    sink.instant(time);
  }

  private static void decimal(BigDecimal number, QuerySink sink) {
    boolean isWhole = number.scale() <= 0 && number.precision() - number.scale() <= 18;
    if (isWhole) {
      sink.whole(number.longValue());
    } else {
      sink.number(number.doubleValue());
    }
  }

  /// Some drivers have one type for times with and without a zone.
  private boolean isZoned() {
    return type == Types.TIMESTAMP_WITH_TIMEZONE
        || typeName.toLowerCase(Locale.ROOT).equals("timestamptz");
  }
}
