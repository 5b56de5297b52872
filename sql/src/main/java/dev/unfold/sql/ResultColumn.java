package dev.unfold.sql;

import dev.unfold.data.source.DataException;
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
      default -> copy(rows.getObject(index), row, sink);
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
      case Date date -> sink.local(date.toLocalDate().atStartOfDay());
      case LocalDate date -> sink.local(date.atStartOfDay());
      case Timestamp time -> timestamp(time, sink);
      case LocalDateTime time -> sink.local(time);
      case OffsetDateTime time -> sink.instant(time.toInstant());
      case ZonedDateTime time -> sink.instant(time.toInstant());
      case Instant time -> sink.instant(time);
      case Time time -> sink.text(time.toLocalTime().toString());
      case LocalTime time -> sink.text(time.toString());
      default ->
          throw new DataException(
              "query: row %d, column %s: expected a number, a text, yes or no, or a time, got one of type %s"
                  .formatted(row, name, typeName));
    }
  }

  private static void decimal(BigDecimal number, QuerySink sink) {
    boolean isWhole = number.scale() <= 0 && number.precision() - number.scale() <= 18;
    if (isWhole) {
      sink.whole(number.longValue());
    } else {
      sink.number(number.doubleValue());
    }
  }

  /// Some drivers have one class for times with and without a zone.
  private void timestamp(Timestamp time, QuerySink sink) {
    boolean isZoned =
        type == Types.TIMESTAMP_WITH_TIMEZONE
            || typeName.toLowerCase(Locale.ROOT).equals("timestamptz");
    if (isZoned) {
      sink.instant(time.toInstant());
    } else {
      sink.local(time.toLocalDateTime());
    }
  }
}
