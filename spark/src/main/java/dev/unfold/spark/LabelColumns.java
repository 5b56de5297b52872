package dev.unfold.spark;

import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/// The columns that models of labels add.
final class LabelColumns {
  /// The label, or those of all words.
  private static final String PREDICTION = "prediction";

  /// Those of all classes, or those of the tags of all words.
  private static final String PROBABILITY = "probability";

  private LabelColumns() {}

  /// A label for each row.
  ///
  /// @param type of labels
  static StructType ofText(StructType schema, DataType type) {
    return added(schema)
        .add(PREDICTION, type, true)
        .add(PROBABILITY, SQLDataTypes.VectorType(), true);
  }

  /// A row with a label for each sequence of events.
  static StructType ofEvents(StructType schema, String by, DataType type) {
    return ofText(new StructType().add(by, schema.apply(by).dataType(), true), type);
  }

  /// A tag for each word of a row.
  static StructType ofWords(StructType schema) {
    return added(schema)
        .add(PREDICTION, DataTypes.createArrayType(DataTypes.StringType, false), true)
        .add(PROBABILITY, DataTypes.createArrayType(DataTypes.DoubleType, false), true);
  }

  private static StructType added(StructType schema) {
    Columns.expectFree(schema, List.of(PREDICTION, PROBABILITY));
    return schema;
  }
}
