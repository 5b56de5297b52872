package dev.unfold.spark;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.run.series.Forecaster;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.function.CoGroupFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/// Foresees the rows of a key by its model.
///
/// @param read the columns of the rows
/// @param made the columns of forecasts, without the key
/// @param areModern whether times are those of `java.time`
record EachForecast(StructType read, StructType made, boolean areModern)
    implements CoGroupFunction<Row, Row, Row, Row> {

  /// Those of all keys of `history`.
  static Dataset<Row> of(Dataset<Row> models, Dataset<Row> history, List<String> keys) {
    Columns.expectWhole(history);
    Dataset<Row> known = models(models, keys);
    List<Row> some =
        known
            .where(Columns.of(EachTraining.MODEL).isNotNull())
            .select(Columns.of(EachTraining.MODEL))
            .takeAsList(1);
    if (some.isEmpty()) {
      throw new Refusal("models", "a row with a model", "none");
    }
    SequenceForecastModel any = new SequenceForecastModel("each", some.getFirst().<byte[]>getAs(0));
    StructType made = any.transformSchema(history.schema());
    List<String> taken = new ArrayList<>(List.of(made.fieldNames()));
    taken.add(EachTraining.REFUSAL);
    Columns.expectKeys(history.schema(), keys, taken);

    expectSame(known.schema(), history.schema(), keys);

    String order = RowOrder.unused(history);
    Set<String> all = new LinkedHashSet<>(keys);
    all.addAll(any.columns(history.schema()));
    Dataset<Row> read = history.select(Columns.of(List.copyOf(all)));
    Dataset<Row> numbered = RowOrder.numbered(read, order);
    StructType keyed = history.select(Columns.of(keys)).schema();
    StructType told = keyed;
    for (StructField field : made.fields()) {
      told = told.add(field.name(), field.dataType(), true);
    }
    return RowOrder.spread(numbered, keys)
        .groupBy(Columns.of(keys))
        .as(Encoders.row(keyed), Encoders.row(numbered.schema()))
        .cogroupSorted(
            known.groupBy(Columns.of(keys)).as(Encoders.row(keyed), Encoders.row(known.schema())),
            Columns.of(List.of(order)),
            new Column[0],
            new EachForecast(read.schema(), made, Times.areModern(history.sparkSession())),
            Encoders.row(told.add(EachTraining.REFUSAL, DataTypes.StringType, true)));
  }

  /// The columns that are asked for; no refusal where there is no such column.
  private static Dataset<Row> models(Dataset<Row> models, List<String> keys) {
    StructType schema = models.schema();
    Columns.expect(schema, "models", Columns.Type.BYTES, EachTraining.MODEL);
    Columns.expect(schema, "keys", Columns.Type.ANY, keys.toArray(String[]::new));
    List<Column> columns = new ArrayList<>(List.of(Columns.of(keys)));
    columns.add(Columns.of(EachTraining.MODEL));
    columns.add(
        List.of(schema.fieldNames()).contains(EachTraining.REFUSAL)
            ? Columns.of(EachTraining.REFUSAL)
            : functions.lit(null).cast(DataTypes.StringType).as(EachTraining.REFUSAL));
    return models.select(columns.toArray(Column[]::new));
  }

  /// Values of different types would not meet.
  private static void expectSame(StructType models, StructType history, List<String> keys) {
    for (String key : keys) {
      DataType own = models.apply(key).dataType();
      DataType other = history.apply(key).dataType();
      if (!own.equals(other)) {
        throw new Refusal(
            "keys",
            "%s of %s, as that of the models".formatted(key, own.simpleString()),
            other.simpleString());
      }
    }
  }

  @Override
  public Iterator<Row> call(Row key, Iterator<Row> history, Iterator<Row> models) {
    if (!history.hasNext()) {
      return Collections.emptyIterator();
    }
    try {
      List<Row> told = new ArrayList<>();
      forecasts(history, models).forEachRemaining(forecast -> told.add(told(key, forecast)));
      return told.iterator();
    } catch (IllegalArgumentException | DataException | FormatException e) {
      Object[] nothing = new Object[made.size()];
      return List.of(LabelledTexts.with(LabelledTexts.with(key, nothing), e.getMessage()))
          .iterator();
    }
  }

  private static Row told(Row key, Row forecast) {
    Object[] values = new Object[forecast.size() + 1];
    for (int i = 0; i < forecast.size(); i++) {
      values[i] = forecast.get(i);
    }
    return LabelledTexts.with(key, values);
  }

  private Iterator<Row> forecasts(Iterator<Row> history, Iterator<Row> models) {
    if (!models.hasNext()) {
      throw new Refusal("models", "one for this key", "none");
    }
    Row row = models.next();
    byte[] file = row.getAs(EachTraining.MODEL);
    if (file == null) {
      String refusal = row.getAs(EachTraining.REFUSAL);
      throw new IllegalArgumentException(refusal == null ? "no model" : refusal);
    }
    ModelBytes model = ModelBytes.of(file);
    Forecaster forecaster = model.read(Forecaster.class, Forecaster::of);
    StructType own = ForecastColumns.output(read, forecaster.spec().columns(), forecaster.output());
    if (!own.equals(made)) {
      throw new Refusal("models", "those of the same options", "another for this key");
    }
    return new ForecastRows(model, read, made, areModern).call(history);
  }
}
