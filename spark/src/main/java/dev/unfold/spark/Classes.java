package dev.unfold.spark;

import dev.unfold.argument.Decimal;
import dev.unfold.argument.Refusal;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;

/// The K classes of a model as Spark has them: a number for each label that was one, as a StringIndexer makes them and
/// evaluators want them, or else its text.
///
/// @param labels in the order of the model
/// @param order where each stands there; by their values, if they are numbers, so that 0, 1, ... are where they say
/// @param areNumbers whether labels are numbers
record Classes(List<String> labels, List<Integer> order, boolean areNumbers) {
  /// What `predictionType` may be.
  static final String STRING = "string";

  static final String DOUBLE = "double";

  /// @param labels of a model
  /// @param type what becomes of them
  ///
  /// **Errors**: a [Refusal] for another type, or labels that are not of it.
  static Classes of(List<String> labels, String type) {
    if (!type.equals(STRING) && !type.equals(DOUBLE)) {
      throw new Refusal("predictionType", STRING + " or " + DOUBLE, type);
    }
    boolean areNumbers = type.equals(DOUBLE);
    IntStream places = IntStream.range(0, labels.size());
    List<Integer> order =
        areNumbers
            ? places.boxed().sorted(Comparator.comparingDouble(k -> number(labels.get(k)))).toList()
            : places.boxed().toList();
    return new Classes(labels, order, areNumbers);
  }

  /// What becomes of labels of a column.
  static String type(DataType label) {
    return label instanceof NumericType ? DOUBLE : STRING;
  }

  /// The type of predictions.
  DataType dataType() {
    return dataType(areNumbers);
  }

  /// That of predictions for labels of a column.
  static DataType dataType(DataType label) {
    return dataType(type(label).equals(DOUBLE));
  }

  private static DataType dataType(boolean areNumbers) {
    return areNumbers ? DataTypes.DoubleType : DataTypes.StringType;
  }

  private static double number(String label) {
    return Decimal.parse(label)
        .orElseThrow(() -> new Refusal("predictionType", STRING + " for labels of text", label));
  }

  /// The labels in the order of [#probability].
  List<String> names() {
    return order.stream().map(labels::get).toList();
  }

  /// A label as it is predicted.
  Object prediction(String label) {
    return areNumbers ? (Object) number(label) : label;
  }

  /// The probabilities of all classes.
  ///
  /// @param shares in the order of the model
  Vector probability(double... shares) {
    return Vectors.dense(order.stream().mapToDouble(k -> shares[k]).toArray());
  }
}
