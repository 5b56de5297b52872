package dev.unfold.data.table;

import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.LogicalType.DateType;
import dev.hardwood.metadata.LogicalType.DecimalType;
import dev.hardwood.metadata.LogicalType.EnumType;
import dev.hardwood.metadata.LogicalType.Float16Type;
import dev.hardwood.metadata.LogicalType.IntType;
import dev.hardwood.metadata.LogicalType.JsonType;
import dev.hardwood.metadata.LogicalType.StringType;
import dev.hardwood.metadata.LogicalType.TimeType;
import dev.hardwood.metadata.LogicalType.TimestampType;
import dev.hardwood.metadata.LogicalType.UuidType;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.reader.RowReader;
import dev.hardwood.schema.SchemaNode;
import dev.unfold.data.source.DataException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Set;

/// A column of a Parquet file.
///
/// @param name as the file has it
/// @param index from 0
/// @param value puts the value of a row that is there into another
/// @param missing numbers that mean that there is none
record ParquetColumn(String name, int index, Value value, Set<Double> missing) {
  private static final long NO_BITS_ABOVE = 0xFFFF_FFFFL;

  /// Puts a value into a row.
  private interface Value {
    void read(RowReader from, int index, Row to, Place place);
  }

  /// **Errors**: [DataException] for a column of what is no number, text or time.
  static ParquetColumn of(
      String file, int index, SchemaNode.PrimitiveNode node, Set<String> missing) {
    Value value = node.logicalType() == null ? plain(node) : logical(node, node.logicalType());
    if (value == null) {
      String got =
          node.logicalType() == null ? node.type().toString() : node.logicalType().toString();
      throw new DataException(
          "%s: column %s: expected numbers, texts, times, or yes and no, got %s"
              .formatted(file, Place.shown(node.name()), Place.shown(got)));
    }
    return new ParquetColumn(node.name(), index, value, NumberText.numbers(missing));
  }

  /// What the type says by itself.
  private static Value plain(SchemaNode.PrimitiveNode node) {
    return switch (node.type()) {
      case BOOLEAN -> (from, i, to, _) -> text(Boolean.toString(from.getBoolean(i)), to);
      case INT32 -> (from, i, to, _) -> to.add(Row.Kind.WHOLE, from.getInt(i));
      case INT64 -> (from, i, to, _) -> to.add(Row.Kind.WHOLE, from.getLong(i));
      case FLOAT -> (from, i, to, _) -> number(from.getFloat(i), to);
      case DOUBLE -> (from, i, to, _) -> number(from.getDouble(i), to);
      // The times of old, which have no zone with them.
      case INT96 -> (from, i, to, _) -> to.add(Row.Kind.LOCAL_TIME, micros(from.getTimestamp(i)));
      case BYTE_ARRAY -> (from, i, to, place) -> string(utf8(from, i, node.name(), place), to);
      case FIXED_LEN_BYTE_ARRAY -> null;
    };
  }

  /// What is said of it beyond that; null if it is none of what a table has.
  private static Value logical(SchemaNode.PrimitiveNode node, LogicalType type) {
    return switch (type) {
      case StringType _, EnumType _, JsonType _ ->
          (from, i, to, _) -> string(from.getString(i), to);
      case UuidType _ -> (from, i, to, _) -> string(from.getUuid(i).toString(), to);
      case DateType _ ->
          (from, i, to, _) ->
              to.add(Row.Kind.LOCAL_TIME, from.getDate(i).toEpochDay() * TimeText.DAY);
      case TimestampType time when time.isAdjustedToUTC() ->
          (from, i, to, _) -> to.add(Row.Kind.INSTANT, micros(from.getTimestamp(i)));
      case TimestampType _ ->
          (from, i, to, _) -> to.add(Row.Kind.LOCAL_TIME, micros(from.getLocalTimestamp(i)));
      case TimeType _ -> (from, i, to, _) -> string(from.getTime(i).toString(), to);
      case DecimalType _ -> (from, i, to, _) -> decimal(from.getDecimal(i), to);
      case Float16Type _ ->
          (from, i, to, _) -> number(((Number) from.getValue(i)).doubleValue(), to);
      case IntType whole when !whole.isSigned() && node.type() == PhysicalType.INT64 ->
          (from, i, to, _) -> unsigned(from.getLong(i), to);
      case IntType whole when !whole.isSigned() ->
          (from, i, to, _) -> to.add(Row.Kind.WHOLE, from.getInt(i) & NO_BITS_ABOVE);
      case IntType _ -> plain(node);
      default -> null;
    };
  }

  /// Puts the value of the row that `from` is at into another; nothing if there is none.
  void read(RowReader from, Row to, Place place) {
    if (from.isNull(index)) {
      none(to);
      return;
    }
    value.read(from, index, to, place);
    if (!missing.isEmpty() && isNumber(to) && missing.contains(number(to))) {
      to.undo();
      none(to);
    }
  }

  private boolean isNumber(Row to) {
    return to.kind(index) == Row.Kind.NUMBER || to.kind(index) == Row.Kind.WHOLE;
  }

  private double number(Row to) {
    return to.kind(index) == Row.Kind.WHOLE
        ? to.word(index)
        : Double.longBitsToDouble(to.word(index));
  }

  private static void none(Row to) {
    to.add(new char[0], 0, 0, Row.Kind.PLAIN);
  }

  private static void text(String text, Row to) {
    to.add(text.toCharArray(), 0, text.length(), Row.Kind.PLAIN);
  }

  private static void string(String text, Row to) {
    to.add(text.toCharArray(), 0, text.length(), Row.Kind.STRING);
  }

  /// NaN is missing, as it is in text.
  private static void number(double number, Row to) {
    if (Double.isNaN(number)) {
      none(to);
    } else {
      to.add(Row.Kind.NUMBER, Double.doubleToRawLongBits(number));
    }
  }

  private static void unsigned(long bits, Row to) {
    if (bits >= 0) {
      to.add(Row.Kind.WHOLE, bits);
    } else {
      number(new BigDecimal(Long.toUnsignedString(bits)).doubleValue(), to);
    }
  }

  /// As a double, or as a whole number where the column has no digits behind the point.
  private static void decimal(BigDecimal number, Row to) {
    if (number.scale() <= 0 && number.precision() - number.scale() <= 18) {
      to.add(Row.Kind.WHOLE, number.longValueExact());
    } else {
      number(number.doubleValue(), to);
    }
  }

  private static long micros(Instant time) {
    return Math.addExact(
        Math.multiplyExact(time.getEpochSecond(), TimeText.MICROS), time.getNano() / 1000);
  }

  private static long micros(LocalDateTime time) {
    return micros(time.toInstant(ZoneOffset.UTC));
  }

  /// Bytes of which the file does not say that they are text.
  private static String utf8(RowReader from, int index, String name, Place place) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(from.getBinary(index)))
          .toString();
    } catch (CharacterCodingException e) {
      throw place.refusal(name, "text in UTF-8", "other bytes");
    }
  }
}
