package dev.unfold.spark;

import dev.unfold.argument.Refusal;
import dev.unfold.data.series.SeriesColumns;
import dev.unfold.run.series.Forecaster;
import java.util.List;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/// Foresees what comes after the last target of each series: a row for each step of each target, with the mean and the
/// quantiles. What is known of the future is in rows of later times, whose targets are null.
///
/// A forecast is the same bits alone and beside those of other series, however the rows are spread.
///
/// **Memory**: the rows of a partition in its task, all of a series being in one.
public final class SequenceForecastModel extends SequenceModel<SequenceForecastModel> {
  private static final long serialVersionUID = 1;

  SequenceForecastModel(String uid, byte[] file) {
    this(uid, ModelBytes.of(file));
    forecaster();
  }

  private SequenceForecastModel(String uid, ModelBytes bytes) {
    super(uid, bytes);
  }

  /// What foresees.
  public Forecaster forecaster() {
    return bytes().read(Forecaster.class, Forecaster::of);
  }

  /// What tells how odd rows are, of a model of `horizon` 1 and `state` carried.
  ///
  /// @param alarms false alarms that are put up with in each series: `1/week`
  ///
  /// **Errors**: [IllegalArgumentException] for another model.
  public SequenceDetectionModel detection(String alarms) {
    return new SequenceDetectionModel(uid() + "Detection", bytes()).setAlarms(alarms);
  }

  @Override
  public Dataset<Row> transform(Dataset<?> history) {
    StructType made = transformSchema(history.schema());
    SeriesColumns columns = forecaster().spec().columns();
    List<String> names = ForecastColumns.read(history.schema(), columns);
    Dataset<Row> rows = history.toDF().select(Rows.columns(names));
    return Rows.together(rows, columns.by())
        .mapPartitions(new ForecastRows(bytes(), rows.schema(), made), Encoders.row(made));
  }

  /// Foresees the rows of each key by a model of its own.
  ///
  /// @param models of [SequenceForecaster#trainEach], all of the same options; those of keys without a model are left
  ///     out, and so are rows of keys that are not among them
  /// @param history of all keys
  /// @param keys the columns that tell models apart
  ///
  /// **Errors**: [IllegalArgumentException] if none has a model, or a column is not there.
  public static Dataset<Row> transformEach(
      Dataset<Row> models, Dataset<Row> history, String... keys) {
    Dataset<Row> known = models.where(Rows.column(TrainingEstimator.MODEL).isNotNull());
    Rows.expect(models.schema(), "keys", Rows.Type.ANY, keys);
    Rows.expect(history.schema(), "keys", Rows.Type.ANY, keys);
    List<Row> some = known.select(Rows.column(TrainingEstimator.MODEL)).takeAsList(1);
    if (some.isEmpty()) {
      throw new Refusal("models", "a row with a model", "none");
    }
    SequenceForecastModel any = new SequenceForecastModel("each", some.getFirst().<byte[]>getAs(0));
    StructType made = any.transformSchema(history.schema());
    StructType keyed = history.select(Rows.columns(List.of(keys))).schema();
    StructType all = keyed;
    for (StructField field : made.fields()) {
      all = all.add(field);
    }
    return history
        .groupBy(Rows.columns(List.of(keys)))
        .as(Encoders.row(keyed), Encoders.row(history.schema()))
        .cogroup(
            known
                .groupBy(Rows.columns(List.of(keys)))
                .as(Encoders.row(keyed), Encoders.row(known.schema())),
            new EachForecast(history.schema(), made),
            Encoders.row(all));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    SeriesColumns columns = forecaster().spec().columns();
    ForecastColumns.expect(schema, columns);
    return ForecastColumns.output(schema, columns, forecaster().output());
  }

  @Override
  public SequenceForecastModel copy(ParamMap extra) {
    SequenceForecastModel copied = new SequenceForecastModel(uid(), bytes());
    return copyValues(copied, extra).setParent(parent());
  }

  /// Reads one that was saved.
  public static MLReader<SequenceForecastModel> read() {
    return new ModelWriter.Reader<>(SequenceForecastModel.class, SequenceForecastModel::new);
  }

  /// Reads one that was saved at `path`.
  public static SequenceForecastModel load(String path) {
    return read().load(path);
  }
}
