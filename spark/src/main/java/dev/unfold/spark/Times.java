package dev.unfold.spark;

import dev.unfold.argument.Refusal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/// Times as numbers that are in their order.
final class Times {
  private static final long MICROS = 1_000_000;
  private static final long NANOS = 1_000;

  private Times() {}

  /// Whether rows of a session have times of `java.time`, and not of `java.sql`.
  static boolean areModern(SparkSession session) {
    return Boolean.parseBoolean(session.conf().get("spark.sql.datetime.java8API.enabled"));
  }

  /// Whether [#order] knows the values of a type.
  static boolean areOrdered(DataType type) {
    return type.equals(DataTypes.DateType)
        || type.equals(DataTypes.TimestampType)
        || type.equals(DataTypes.TimestampNTZType)
        || type.equals(DataTypes.LongType)
        || type.equals(DataTypes.IntegerType)
        || type.equals(DataTypes.ShortType)
        || type.equals(DataTypes.ByteType);
  }

  /// The later, the more.
  static long order(Object time) {
    return switch (time) {
      case java.sql.Date date -> date.toLocalDate().toEpochDay();
      case LocalDate date -> date.toEpochDay();
      case java.sql.Timestamp instant -> micros(instant.toInstant());
      case Instant instant -> micros(instant);
      case LocalDateTime local -> micros(local.toInstant(ZoneOffset.UTC));
      case Number number -> number.longValue();
      case null -> throw new Refusal("time", "one in each row", "none");
      default -> throw new IllegalArgumentException("time: expected one, got " + time);
    };
  }

  private static long micros(Instant instant) {
    return instant.getEpochSecond() * MICROS + instant.getNano() / NANOS;
  }
}
