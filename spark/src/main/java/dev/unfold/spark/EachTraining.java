package dev.unfold.spark;

import dev.unfold.argument.Refusal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/// A model for each key: those of a million series, say, each trained by one task.
final class EachTraining {
  /// The column of the models' files.
  static final String MODEL = "model";

  /// The column that says why there is none.
  static final String REFUSAL = "refusal";

  private EachTraining() {}

  /// The columns `keys`, [#MODEL] and [#REFUSAL].
  static Dataset<Row> of(TrainingEstimator<?, ?> estimator, Dataset<Row> rows, List<String> keys) {
    Columns.expectWhole(rows);
    StructType schema = rows.schema();
    estimator.check(schema);
    List<String> taken = new ArrayList<>(List.of(MODEL, REFUSAL));
    taken.addAll(estimator.made());
    Columns.expectKeys(schema, keys, taken);
    StructType others = without(schema, keys);
    List<String> names = estimator.names(others);
    for (String key : keys) {
      if (names.contains(key)) {
        throw new Refusal("keys", "columns that the training does not read", key);
      }
    }
    estimator.expectColumns(others);

    String order = RowOrder.unused(rows);
    List<String> all = new ArrayList<>(keys);
    all.addAll(names);
    all.add(order);
    Dataset<Row> selected = RowOrder.numbered(rows, order).select(Columns.of(all));
    StructType keyed = selected.select(Columns.of(keys)).schema();
    StructType read = selected.select(Columns.of(names)).schema();
    StructType made =
        keyed.add(MODEL, DataTypes.BinaryType, true).add(REFUSAL, DataTypes.StringType, true);
    Place place = estimator.place();
    EachTask task =
        new EachTask(
            estimator.kind(),
            new HashMap<>(estimator.options(rows).said()),
            read,
            place.threads(),
            place.backend());
    List<String> sorted = new ArrayList<>(estimator.order());
    sorted.add(order);
    return RowOrder.spread(selected, keys)
        .groupBy(Columns.of(keys))
        .as(Encoders.row(keyed), Encoders.row(selected.schema()))
        .flatMapSortedGroups(Columns.of(sorted), task, Encoders.row(made));
  }

  private static StructType without(StructType schema, List<String> keys) {
    StructType others = new StructType();
    for (StructField field : schema.fields()) {
      others = keys.contains(field.name()) ? others : others.add(field);
    }
    return others;
  }
}
