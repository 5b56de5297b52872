package dev.unfold.spark;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.QuerySink;
import dev.unfold.data.table.RowCopy;
import dev.unfold.run.job.TrainingJob;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/// Columns of DataFrames: which have to be there, and what they become in Unfold's tables.
final class Rows {
  /// What messages and models call what was learned from.
  static final String NAME = "rows";

  private Rows() {}

  /// What a column may hold.
  enum Type {
    NUMBER("numbers"),
    TEXT("texts"),
    TIME("dates, timestamps or whole numbers"),
    WORDS("arrays of texts"),
    ANY("numbers, texts, booleans, dates or timestamps");

    private final String text;

    Type(String text) {
      this.text = text;
    }

    private boolean fits(DataType type) {
      boolean isTime =
          type.equals(DataTypes.DateType)
              || type.equals(DataTypes.TimestampType)
              || type.equals(DataTypes.TimestampNTZType);
      boolean isText = type instanceof StringType;
      boolean isNumber = type instanceof NumericType;
      return switch (this) {
        case NUMBER -> isNumber;
        case TEXT -> isText;
        case TIME -> isTime || isText || isNumber;
        case WORDS ->
            type.equals(DataTypes.createArrayType(DataTypes.StringType, true))
                || type.equals(DataTypes.createArrayType(DataTypes.StringType, false));
        case ANY -> isTime || isText || isNumber || type.equals(DataTypes.BooleanType);
      };
    }
  }

  /// Checks that columns are there, and of a type.
  ///
  /// @param option that names them
  ///
  /// **Errors**: a [Refusal] of the first that is not.
  static void expect(StructType schema, String option, Type type, String... names) {
    for (String name : names) {
      if (!List.of(schema.fieldNames()).contains(name)) {
        throw new Refusal(option, "a column among " + String.join(", ", schema.fieldNames()), name);
      }
      DataType own = schema.apply(name).dataType();
      if (!type.fits(own)) {
        throw new Refusal(option, "a column of " + type.text, name + " of " + own.simpleString());
      }
    }
  }

  /// Columns by their names, whatever signs they have in them.
  static Column[] columns(List<String> names) {
    return names.stream().map(Rows::column).toArray(Column[]::new);
  }

  static Column column(String name) {
    return functions.col("`" + name.replace("`", "``") + "`");
  }

  /// The same rows, those of a key in one partition, in the order that they had: behind a shuffle it would be that in
  /// which machines answer.
  ///
  /// @param by the columns of the key; none for one of all rows
  static Dataset<Row> together(Dataset<Row> rows, List<String> by) {
    String order = "order";
    while (List.of(rows.columns()).contains(order)) {
      order += "_";
    }
    Dataset<Row> numbered = rows.withColumn(order, functions.monotonically_increasing_id());
    Dataset<Row> spread = by.isEmpty() ? numbered.coalesce(1) : numbered.repartition(columns(by));
    return spread.sortWithinPartitions(column(order)).select(columns(List.of(rows.columns())));
  }

  /// Rows as a kind of training reads them.
  static RowCopy copy(TrainingJob.Kind kind, StructType schema, Iterator<Row> rows) {
    return kind == TrainingJob.Kind.TAGS
        ? RowCopy.of(NAME, sink -> SentenceRows.give(rows, sink))
        : copy(schema, rows);
  }

  /// Rows with all their columns, in this process' memory.
  static RowCopy copy(StructType schema, Iterator<Row> rows) {
    return RowCopy.of(NAME, sink -> give(schema, rows, sink));
  }

  private static void give(StructType schema, Iterator<Row> rows, QuerySink sink) {
    sink.columns(new ArrayList<>(List.of(schema.fieldNames())));
    boolean isEmpty = true;
    while (rows.hasNext()) {
      Row row = rows.next();
      isEmpty = false;
      for (int i = 0; i < schema.size(); i++) {
        give(schema, row, i, sink);
      }
      sink.end();
    }
    if (isEmpty) {
      throw new DataException(NAME + ": expected one or more, got none");
    }
  }

  private static void give(StructType schema, Row row, int i, QuerySink sink) {
    if (row.isNullAt(i)) {
      sink.missing();
      return;
    }
    switch (row.get(i)) {
      case String text -> sink.text(text);
      case Boolean yes -> sink.yesOrNo(yes);
      case Float number -> sink.number(number.doubleValue());
      case Double number -> sink.number(number);
      case Byte number -> sink.whole(number);
      case Short number -> sink.whole(number);
      case Integer number -> sink.whole(number);
      case Long number -> sink.whole(number);
      case java.math.BigDecimal number -> decimal(schema, i, number, sink);
      case java.sql.Date date -> sink.local(date.toLocalDate().atStartOfDay());
      case LocalDate date -> sink.local(date.atStartOfDay());
      case java.sql.Timestamp time -> sink.instant(time.toInstant());
      case Instant time -> sink.instant(time);
      case LocalDateTime time -> sink.local(time);
      default ->
          throw new DataException(
              "%s: column %s: expected %s, got %s"
                  .formatted(
                      NAME,
                      schema.fieldNames()[i],
                      Type.ANY.text,
                      schema.apply(i).dataType().simpleString()));
    }
  }

  private static void decimal(
      StructType schema, int i, java.math.BigDecimal number, QuerySink sink) {
    boolean isWhole =
        schema.apply(i).dataType() instanceof DecimalType type
            && type.scale() == 0
            && type.precision() <= 18;
    if (isWhole) {
      sink.whole(number.longValueExact());
    } else {
      sink.number(number.doubleValue());
    }
  }
}
