package dev.unfold.spark;

import dev.unfold.argument.Refusal;
import dev.unfold.data.series.SeriesColumns;
import dev.unfold.run.series.AlarmRate;
import dev.unfold.run.series.Detector;
import dev.unfold.run.series.Forecaster;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.GroupStateTimeout;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/// Tells of each row how odd it is, as `unfold detect` does, by a network whose state is carried over the rows of its
/// series in the order of their times. A DataFrame that streams is answered batch by batch: the state of each series is
/// Spark's, so that a query that is started again goes on from its checkpoint with the same bits.
///
///     SequenceDetectionModel model = forecasts.detection("1/week");
///     model.transform(session.readStream()...).writeStream().option("checkpointLocation", "...").start();
///
/// **Memory**: of a DataFrame the state of each series of a partition, and 256 rows; of one that streams the rows that
/// a series has in a batch.
public final class SequenceDetectionModel extends SequenceModel<SequenceDetectionModel> {
  static final String SCORE = "score";
  static final String ALARM = "alarm";

  private static final long serialVersionUID = 1;

  private final Param<String> alarms =
      new Param<>(this, "alarms", "false alarms that are put up with in each series: 1/week");
  private final Param<String> late =
      new Param<>(this, "late", "what becomes of rows of a stream that come late: refuse or drop");

  SequenceDetectionModel(String uid, byte[] file) {
    this(uid, ModelBytes.of(file));
  }

  SequenceDetectionModel(String uid, ModelBytes bytes) {
    super(uid, bytes);
    setDefault(alarms, "1/week");
    setDefault(late, "refuse");
    // A model that does not detect is refused here.
    new Detector(forecaster(), AlarmRate.parse(getOrDefault(alarms)));
  }

  private Forecaster forecaster() {
    return bytes().read(Forecaster.class, Forecaster::of);
  }

  private SeriesColumns columns() {
    return forecaster().spec().columns();
  }

  /// False alarms that are put up with in each series.
  public Param<String> alarms() {
    return alarms;
  }

  /// Sets [#alarms()].
  public SequenceDetectionModel setAlarms(String rate) {
    AlarmRate.parse(rate);
    set(alarms, rate);
    return this;
  }

  /// What becomes of rows of a stream whose time is not after the last of their series: the query is refused, or they
  /// are dropped.
  public Param<String> late() {
    return late;
  }

  /// Sets [#late()].
  public SequenceDetectionModel setLate(String what) {
    expectLate(what);
    set(late, what);
    return this;
  }

  private static void expectLate(String what) {
    if (!what.equals("refuse") && !what.equals("drop")) {
      throw new Refusal("late", "refuse or drop", what);
    }
  }

  @Override
  public Dataset<Row> transform(Dataset<?> rows) {
    StructType made = transformSchema(rows.schema());
    SeriesColumns columns = columns();
    Dataset<Row> read =
        rows.toDF().select(Columns.of(ForecastColumns.read(rows.schema(), columns)));
    DetectedRows detected =
        new DetectedRows(bytes(), getOrDefault(alarms), read.schema(), columns.time().getFirst());
    if (rows.isStreaming()) {
      return streamed(read, columns, detected, made);
    }
    List<String> order = new ArrayList<>(columns.by());
    order.add(columns.time().getFirst());
    return RowOrder.spread(read, columns.by())
        .sortWithinPartitions(Columns.of(order))
        .mapPartitions(detected, Encoders.row(made));
  }

  private Dataset<Row> streamed(
      Dataset<Row> read, SeriesColumns columns, DetectedRows detected, StructType made) {
    Column[] by =
        columns.by().isEmpty()
            ? new Column[] {functions.lit(true).as("all")}
            : Columns.of(columns.by());
    StructType keys = read.select(by).schema();
    return read.groupBy(by)
        .as(Encoders.row(keys), Encoders.row(read.schema()))
        .flatMapGroupsWithState(
            new DetectedStream(detected, getOrDefault(late).equals("drop")),
            OutputMode.Append(),
            Encoders.BINARY(),
            Encoders.row(made),
            GroupStateTimeout.NoTimeout());
  }

  @Override
  public StructType transformSchema(StructType schema) {
    AlarmRate.parse(getOrDefault(alarms));
    expectLate(getOrDefault(late));
    SeriesColumns columns = columns();
    if (columns.time().size() != 1) {
      throw new Refusal("time", "a model that was told its one column of times", columns.time());
    }
    ForecastColumns.expect(schema, columns);
    String time = columns.time().getFirst();
    DataType own = schema.apply(time).dataType();
    if (!Times.areOrdered(own)) {
      throw new Refusal(
          "time",
          "a column of dates, timestamps or whole numbers",
          time + " of " + own.simpleString());
    }
    StructType made = new StructType();
    for (String name : Stream.concat(columns.by().stream(), Stream.of(time)).toList()) {
      made = made.add(name, schema.apply(name).dataType(), true);
    }
    for (String target : columns.targets()) {
      for (String end : List.of("", "_expected", "_low", "_high", "_score")) {
        made = made.add(target + end, DataTypes.DoubleType, true);
      }
    }
    made = made.add(SCORE, DataTypes.DoubleType, true).add(ALARM, DataTypes.LongType, false);
    List<String> names = List.of(made.fieldNames());
    if (names.stream().distinct().count() < names.size()) {
      throw new Refusal("columns", "names that the results have not", String.join(", ", names));
    }
    return made;
  }

  @Override
  public SequenceDetectionModel copy(ParamMap extra) {
    return copyValues(new SequenceDetectionModel(uid(), bytes()), extra).setParent(parent());
  }

  /// Reads one that was saved.
  public static MLReader<SequenceDetectionModel> read() {
    return new ModelWriter.Reader<>(SequenceDetectionModel.class, SequenceDetectionModel::new);
  }

  /// Reads one that was saved at `path`.
  public static SequenceDetectionModel load(String path) {
    return read().load(path);
  }
}
