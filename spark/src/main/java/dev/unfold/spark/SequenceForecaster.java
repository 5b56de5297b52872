package dev.unfold.spark;

import dev.unfold.run.job.NamedOptions;
import dev.unfold.run.job.SeriesChoice;
import dev.unfold.run.job.TrainingJob;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
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
    extends TrainingEstimator<SequenceForecastModel, SequenceForecaster> {
  private static final long serialVersionUID = 1;

  private final StringArrayParam time = columns("time", "the columns of times");
  private final StringArrayParam by = columns("by", "the columns that tell series apart");
  private final StringArrayParam target = columns("target", "the columns to be foreseen");
  private final StringArrayParam known = columns("known", "columns known of the future as well");
  private final StringArrayParam past = columns("past", "columns known of the past alone");
  private final StringArrayParam statics = columns("static", "columns that never change");
  private final Param<Object> staticStart = flag("staticStart", "start states from these");
  private final Param<String> tz = text("tz", "the time zone of times without one");
  private final Param<String> duplicates = text("duplicates", "what rows of the same time become");
  private final Param<String> frequency = text("frequency", "auto, or none: each row is a step");
  private final Param<String> gaps = text("gaps", "grid, or input: distances are read");
  private final Param<Object> horizon = whole("horizon", "H, steps to be foreseen");
  private final Param<String> context = text("context", "C, steps read before them");
  private final Param<String> season = text("season", "steps after which values are alike");
  private final Param<String> lags = text("lags", "how far back values are read");
  private final Param<String> calendar = text("calendar", "the parts of times that are read");
  private final Param<String> scale = text("scale", "how values are made alike");
  private final Param<String> output = text("output", "what is said of each value");
  private final Param<Object> holdout = whole("holdout", "steps that nothing is learned from");
  private final Param<String> validate = text("validate", "steps to choose the best by");
  private final Param<String> state = text("state", "window or carried");

  /// One with a name of its own.
  public SequenceForecaster() {
    this(Identifiable$.MODULE$.randomUID("sequenceForecaster"));
  }

  /// One that Spark knows by `uid`.
  public SequenceForecaster(String uid) {
    super(uid);
  }

  /// The column of times, or those of year, month and day; the first with times if it is not set.
  public StringArrayParam time() {
    return time;
  }

  /// Sets [#time()].
  public SequenceForecaster setTime(String... value) {
    return with(time, value);
  }

  /// The columns that tell series apart.
  public StringArrayParam by() {
    return by;
  }

  /// Sets [#by()].
  public SequenceForecaster setBy(String... value) {
    return with(by, value);
  }

  /// The columns whose series matter.
  public StringArrayParam target() {
    return target;
  }

  /// Sets [#target()].
  public SequenceForecaster setTarget(String... value) {
    return with(target, value);
  }

  /// Columns that are known of the future as well.
  public StringArrayParam known() {
    return known;
  }

  /// Sets [#known()].
  public SequenceForecaster setKnown(String... value) {
    return with(known, value);
  }

  /// Columns that are known of the past alone.
  public StringArrayParam past() {
    return past;
  }

  /// Sets [#past()].
  public SequenceForecaster setPast(String... value) {
    return with(past, value);
  }

  /// Columns that never change in a series.
  public StringArrayParam statics() {
    return statics;
  }

  /// Sets [#statics()].
  public SequenceForecaster setStatic(String... value) {
    return with(statics, value);
  }

  /// Whether states start from [#statics()].
  public Param<Object> staticStart() {
    return staticStart;
  }

  /// Sets [#staticStart()].
  public SequenceForecaster setStaticStart(boolean value) {
    return with(staticStart, value);
  }

  /// The time zone of times, that of the session for timestamps if it is not set.
  public Param<String> tz() {
    return tz;
  }

  /// Sets [#tz()].
  public SequenceForecaster setTz(String value) {
    return with(tz, value);
  }

  /// What rows of a series with the same time become: `refuse`, `mean`, `sum` or `last`.
  public Param<String> duplicates() {
    return duplicates;
  }

  /// Sets [#duplicates()].
  public SequenceForecaster setDuplicates(String value) {
    return with(duplicates, value);
  }

  /// `auto`, or `none`: each row is a step.
  public Param<String> frequency() {
    return frequency;
  }

  /// Sets [#frequency()].
  public SequenceForecaster setFrequency(String value) {
    return with(frequency, value);
  }

  /// `grid`, or `input`: the distances of rows are read.
  public Param<String> gaps() {
    return gaps;
  }

  /// Sets [#gaps()].
  public SequenceForecaster setGaps(String value) {
    return with(gaps, value);
  }

  /// H.
  public Param<Object> horizon() {
    return horizon;
  }

  /// Sets [#horizon()].
  public SequenceForecaster setHorizon(int value) {
    return with(horizon, value);
  }

  /// C.
  public Param<String> context() {
    return context;
  }

  /// Sets [#context()].
  public SequenceForecaster setContext(String value) {
    return with(context, value);
  }

  /// Steps after which values are alike.
  public Param<String> season() {
    return season;
  }

  /// Sets [#season()].
  public SequenceForecaster setSeason(String value) {
    return with(season, value);
  }

  /// How far back values are read.
  public Param<String> lags() {
    return lags;
  }

  /// Sets [#lags()].
  public SequenceForecaster setLags(String value) {
    return with(lags, value);
  }

  /// The parts of times that are read.
  public Param<String> calendar() {
    return calendar;
  }

  /// Sets [#calendar()].
  public SequenceForecaster setCalendar(String value) {
    return with(calendar, value);
  }

  /// How values are made alike.
  public Param<String> scale() {
    return scale;
  }

  /// Sets [#scale()].
  public SequenceForecaster setScale(String value) {
    return with(scale, value);
  }

  /// What is said of each value.
  public Param<String> output() {
    return output;
  }

  /// Sets [#output()].
  public SequenceForecaster setOutput(String value) {
    return with(output, value);
  }

  /// Steps at the end that nothing is learned from.
  public Param<Object> holdout() {
    return holdout;
  }

  /// Sets [#holdout()].
  public SequenceForecaster setHoldout(int value) {
    return with(holdout, value);
  }

  /// Steps before those that the best parameters are chosen by.
  public Param<String> validate() {
    return validate;
  }

  /// Sets [#validate()].
  public SequenceForecaster setValidate(String value) {
    return with(validate, value);
  }

  /// How far back the state goes: `window` or `carried`.
  public Param<String> state() {
    return state;
  }

  /// Sets [#state()].
  public SequenceForecaster setState(String value) {
    return with(state, value);
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
  SequenceForecastModel model(byte[] file) {
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
