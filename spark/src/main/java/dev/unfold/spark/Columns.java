package dev.unfold.spark;

import dev.unfold.argument.Refusal;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/// Columns of DataFrames: which have to be there, and which must not.
final class Columns {
  private Columns() {}

  /// What a column may hold.
  enum Type {
    NUMBER("numbers"),
    TEXT("texts"),
    TIME("dates, timestamps or whole numbers"),
    WORDS("arrays of texts"),
    BYTES("binaries"),
    ANY("numbers, texts, booleans, dates or timestamps");

    private final String text;

    Type(String text) {
      this.text = text;
    }

    /// As messages call it.
    String text() {
      return text;
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
        case BYTES -> type.equals(DataTypes.BinaryType);
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

  /// Checks that columns to be added are not there: Spark, to which `Loss` is `loss`, could not tell them apart.
  static void expectFree(StructType schema, List<String> added) {
    for (String name : added) {
      if (has(schema, name)) {
        throw new Refusal("columns", "none named " + name + ", which the model adds", "one");
      }
    }
  }

  /// Checks the columns that tell models apart.
  ///
  /// @param taken names that results have beside them
  static void expectKeys(StructType schema, List<String> keys, List<String> taken) {
    if (keys.isEmpty()) {
      throw new Refusal("keys", "a column or more", "none");
    }
    if (keys.stream().distinct().count() < keys.size()) {
      throw new Refusal("keys", "each column once", String.join(", ", keys));
    }
    expect(schema, "keys", Type.ANY, keys.toArray(String[]::new));
    for (String key : keys) {
      if (taken.stream().anyMatch(key::equalsIgnoreCase)) {
        throw new Refusal("keys", "columns of other names than " + String.join(", ", taken), key);
      }
    }
  }

  /// Whether there is a column that Spark finds by a name.
  static boolean has(StructType schema, String name) {
    return Stream.of(schema.fieldNames()).anyMatch(name::equalsIgnoreCase);
  }

  /// Checks that a DataFrame does not stream, where all of it is needed at once.
  static void expectWhole(Dataset<?> rows) {
    if (rows.isStreaming()) {
      throw new Refusal("rows", "a DataFrame that is there as a whole", "one that streams");
    }
  }

  /// Columns by their names, whatever signs they have in them.
  static Column[] of(List<String> names) {
    return names.stream().map(Columns::of).toArray(Column[]::new);
  }

  /// A column by its name.
  static Column of(String name) {
    return functions.col("`" + name.replace("`", "``") + "`");
  }
}
