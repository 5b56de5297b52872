package dev.unfold.spark;

import dev.unfold.argument.Refusal;
import dev.unfold.data.series.SeriesColumns;
import dev.unfold.run.series.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/// The columns that forecasts are made from, and those that they have: those of `by`, `time`, `target`, `mean`, and
/// `q0.1` and so on for each quantile.
final class ForecastColumns {
  static final String TIME = "time";
  static final String TARGET = "target";
  static final String MEAN = "mean";

  private ForecastColumns() {}

  /// Checks the columns that are read.
  static void expect(StructType schema, SeriesColumns columns) {
    Columns.expect(schema, "by", Columns.Type.ANY, array(columns.by()));
    Columns.expect(schema, TIME, Columns.Type.TIME, array(columns.time()));
    Columns.expect(schema, TARGET, Columns.Type.NUMBER, array(columns.targets()));
    Columns.expect(schema, "known", Columns.Type.ANY, array(columns.known()));
    Columns.expect(schema, "past", Columns.Type.ANY, array(columns.past()));
    Columns.expect(schema, "static", Columns.Type.ANY, array(columns.statics()));
  }

  private static String[] array(List<String> names) {
    return names.toArray(String[]::new);
  }

  /// The names of the columns of forecasts, without those of `by`.
  static List<String> names(Output output) {
    List<String> names = new ArrayList<>(List.of(TIME, TARGET, MEAN));
    for (double level : output.levels()) {
      names.add(quantile(level));
    }
    return names;
  }

  private static String quantile(double level) {
    return "q" + level;
  }

  /// The columns of forecasts from rows with the columns of `schema`.
  static StructType output(StructType schema, SeriesColumns columns, Output output) {
    StructType made = new StructType();
    List<String> names = names(output);
    for (String name : columns.by()) {
      if (names.stream().anyMatch(name::equalsIgnoreCase)) {
        throw new Refusal("by", "columns of other names than " + String.join(", ", names), name);
      }
      made = made.add(name, schema.apply(name).dataType(), true);
    }
    made = made.add(TIME, time(schema, columns), true).add(TARGET, DataTypes.StringType, false);
    made = made.add(MEAN, DataTypes.DoubleType, false);
    for (double level : output.levels()) {
      made = made.add(quantile(level), DataTypes.DoubleType, false);
    }
    return made;
  }

  /// The columns that a model reads; all, where it finds the times itself.
  static List<String> read(StructType schema, SeriesColumns columns) {
    if (columns.time().isEmpty() && !columns.isOrdered()) {
      return List.of(schema.fieldNames());
    }
    return Stream.of(
            columns.by(),
            columns.time(),
            columns.targets(),
            columns.known(),
            columns.past(),
            columns.statics())
        .flatMap(List::stream)
        .distinct()
        .toList();
  }

  /// That of the column of times, if there is one with dates or timestamps; else texts.
  static DataType time(StructType schema, SeriesColumns columns) {
    if (columns.time().size() == 1) {
      DataType own = schema.apply(columns.time().getFirst()).dataType();
      if (own.equals(DataTypes.DateType)
          || own.equals(DataTypes.TimestampType)
          || own.equals(DataTypes.TimestampNTZType)) {
        return own;
      }
    }
    return DataTypes.StringType;
  }
}
