package dev.unfold.spark;

import dev.unfold.argument.Refusal;
import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/// The columns that models of labels add.
final class LabelColumns {
  /// The label, or those of all words.
  static final String PREDICTION = "prediction";

  /// That of the label, or those of all words.
  static final String PROBABILITY = "probability";

  private LabelColumns() {}

  /// A label for each row.
  static StructType ofText(StructType schema) {
    return added(schema)
        .add(PREDICTION, DataTypes.StringType, true)
        .add(PROBABILITY, DataTypes.DoubleType, true);
  }

  /// A row with a label for each sequence of events.
  static StructType ofEvents(StructType schema, String by) {
    return ofText(new StructType().add(by, schema.apply(by).dataType(), true));
  }

  /// A tag for each word of a row.
  static StructType ofWords(StructType schema) {
    return added(schema)
        .add(PREDICTION, DataTypes.createArrayType(DataTypes.StringType, false), true)
        .add(PROBABILITY, DataTypes.createArrayType(DataTypes.DoubleType, false), true);
  }

  private static StructType added(StructType schema) {
    for (String name : List.of(PREDICTION, PROBABILITY)) {
      if (List.of(schema.fieldNames()).contains(name)) {
        throw new Refusal("columns", "none named " + name + ", which the model adds", "one");
      }
    }
    return schema;
  }
}
