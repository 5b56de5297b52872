package dev.unfold.spark;

import dev.unfold.data.series.SeriesColumns;
import dev.unfold.run.series.Forecaster;
import java.util.List;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
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

  /// The names of the columns that it reads.
  List<String> columns(StructType schema) {
    return ForecastColumns.read(schema, forecaster().spec().columns());
  }

  /// What tells how odd rows are, of a model of `horizon` 1 and `state` carried.
  ///
  /// @param alarms false alarms that are put up with in each series: `1/week`
  ///
  /// **Errors**: [IllegalArgumentException] for another model.
  public SequenceDetectionModel detection(String alarms) {
    return new SequenceDetectionModel(
            Identifiable$.MODULE$.randomUID("sequenceDetectionModel"), bytes())
        .setAlarms(alarms);
  }

  @Override
  public Dataset<Row> transform(Dataset<?> history) {
    Columns.expectWhole(history);
    StructType made = transformSchema(history.schema());
    Dataset<Row> rows = history.toDF().select(Columns.of(columns(history.schema())));
    ForecastRows forecasts =
        new ForecastRows(bytes(), rows.schema(), made, Times.areModern(history.sparkSession()));
    return RowOrder.together(rows, forecaster().spec().columns().by())
        .mapPartitions(forecasts, Encoders.row(made));
  }

  /// Foresees the rows of each key by a model of its own: forecasts as those of [#transform] with the columns `keys`
  /// before them and `refusal` behind. A key that cannot be foreseen has one row, with the line that says why in
  /// `refusal` and nothing else: it has no model, or too few rows, say.
  ///
  /// @param models of [SequenceForecaster#trainEach], all of the same options; one of them is looked at at once
  /// @param history of all keys
  /// @param keys the columns that tell models apart
  ///
  /// **Errors**: [IllegalArgumentException] if none has a model, or a column is not there.
  public static Dataset<Row> transformEach(
      Dataset<Row> models, Dataset<Row> history, String... keys) {
    return EachForecast.of(models, history, List.of(keys));
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
