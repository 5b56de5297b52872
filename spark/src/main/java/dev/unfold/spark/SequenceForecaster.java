package dev.unfold.spark;

import dev.unfold.run.job.NamedOptions;
import dev.unfold.run.job.SeriesChoice;
import dev.unfold.run.job.TrainingJob;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/// Learns to foresee series: one network for all of them, as `unfold train series` does.
///
///     SequenceForecastModel model =
///         new SequenceForecaster().setTime("date").setTarget("sales").setBy("store", "item")
///             .setHorizon(28).setWorkers(8).setRun("/shared/run").fit(sales);
///     model.transform(sales).show();
///
/// Rows are taken in the order of the DataFrame; where that is not the same each time, as behind a shuffle, order them.
///
/// **Memory**: all rows in the driver and in each task that trains, see [dev.unfold.data.table.RowCopy].
public final class SequenceForecaster
    extends SeriesParams<SequenceForecastModel, SequenceForecaster> {
  private static final long serialVersionUID = 1;

  /// One with a name of its own.
  public SequenceForecaster() {
    this(Identifiable$.MODULE$.randomUID("sequenceForecaster"));
  }

  /// One that Spark knows by `uid`.
  public SequenceForecaster(String uid) {
    super(uid);
  }

  @Override
  TrainingJob.Kind kind() {
    return TrainingJob.Kind.SERIES;
  }

  @Override
  void expectColumns(StructType schema) {
    ForecastColumns.expect(schema, new SeriesChoice(options()).columns());
  }

  @Override
  List<String> names(StructType schema) {
    return ForecastColumns.read(schema, new SeriesChoice(options()).columns());
  }

  @Override
  List<String> made() {
    return ForecastColumns.names(new SeriesChoice(options()).output());
  }

  @Override
  List<String> order() {
    return new SeriesChoice(options()).columns().time();
  }

  /// Timestamps are told in the zone of the session.
  @Override
  NamedOptions options(Dataset<Row> rows) {
    NamedOptions options = options();
    boolean isInstant =
        new SeriesChoice(options)
            .columns().time().stream()
                .anyMatch(
                    name -> rows.schema().apply(name).dataType().equals(DataTypes.TimestampType));
    return isInstant
        ? options.or(Map.of("tz", rows.sparkSession().conf().get("spark.sql.session.timeZone")))
        : options;
  }

  @Override
  SequenceForecastModel model(byte[] file, StructType schema) {
    return new SequenceForecastModel(
        Identifiable$.MODULE$.randomUID("sequenceForecastModel"), file);
  }

  @Override
  public StructType transformSchema(StructType schema) {
    check(schema);
    return ForecastColumns.output(
        schema, new SeriesChoice(options()).columns(), new SeriesChoice(options()).output());
  }

  @Override
  public SequenceForecaster copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  /// Reads one that was saved.
  public static MLReader<SequenceForecaster> read() {
    return new DefaultParamsReader<>();
  }

  /// Reads one that was saved at `path`.
  public static SequenceForecaster load(String path) {
    return read().load(path);
  }
}
