package dev.unfold.spark;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/// Keeps rows in the order of their DataFrame where those of a key are brought together: behind a shuffle it would be
/// that in which machines answer.
final class RowOrder {
  private RowOrder() {}

  /// A name that no column of `rows` has.
  static String unused(Dataset<Row> rows) {
    StringBuilder name = new StringBuilder("order");
    while (Columns.has(rows.schema(), name.toString())) {
      name.append('_');
    }
    return name.toString();
  }

  /// The same rows with one more column, `order`, whose numbers grow from row to row.
  static Dataset<Row> numbered(Dataset<Row> rows, String order) {
    return rows.withColumn(order, functions.monotonically_increasing_id());
  }

  /// The same rows, those of a key in one partition, in the order that they had.
  ///
  /// @param by the columns of the key; none for one of all rows
  static Dataset<Row> together(Dataset<Row> rows, List<String> by) {
    String order = unused(rows);
    return gathered(numbered(rows, order), order, by).select(Columns.of(List.of(rows.columns())));
  }

  /// The rows of a key in one partition, in the order of their numbers.
  static Dataset<Row> gathered(Dataset<Row> numbered, String order, List<String> by) {
    return spread(numbered, by).sortWithinPartitions(Columns.of(order));
  }

  /// The rows of a key in one partition, of as many as `spark.sql.shuffle.partitions` says: left to itself, Spark makes
  /// fewer of small ones, and a million series that take hours would all be in one task.
  static Dataset<Row> spread(Dataset<Row> rows, List<String> by) {
    int count = Integer.parseInt(rows.sparkSession().conf().get("spark.sql.shuffle.partitions"));
    return by.isEmpty() ? rows.coalesce(1) : rows.repartition(count, Columns.of(by));
  }
}
