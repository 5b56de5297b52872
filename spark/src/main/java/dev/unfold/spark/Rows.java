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
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructType;

/// What rows of DataFrames become in Unfold's tables.
final class Rows {
  /// What messages and models call what was learned from.
  static final String NAME = "rows";

  private Rows() {}

  /// Rows as a kind of training reads them.
  ///
  /// **Errors**: a [Refusal] if there are none.
  static RowCopy copy(TrainingJob.Kind kind, StructType schema, Iterator<Row> rows) {
    if (!rows.hasNext()) {
      throw new Refusal(NAME, "one or more", "none");
    }
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
    while (rows.hasNext()) {
      Row row = rows.next();
      for (int i = 0; i < schema.size(); i++) {
        give(schema, row, i, sink);
      }
      sink.end();
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
                      Columns.Type.ANY.text(),
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
