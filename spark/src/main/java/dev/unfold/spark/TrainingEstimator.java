package dev.unfold.spark;

import dev.unfold.run.job.NamedOptions;
import dev.unfold.run.job.TrainingJob;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/// What the estimators have in common: a network, how it is trained, and by whom.
///
/// Parameters are the options of `unfold train` by their names, `min-count` as `minCount`, and what is not set is as
/// usual there. Their values are checked when a training begins.
///
/// **Threads**: as of all estimators, one at a time.
///
/// @param <M> what is trained
/// @param <E> the estimator itself
public abstract class TrainingEstimator<M extends Model<M>, E extends TrainingEstimator<M, E>>
    extends Estimator<M> implements MLWritable {
  private static final long serialVersionUID = 1;

  static final String MODEL = "model";
  private static final String REFUSAL = "refusal";

  /// Parameters that say where a training runs, and not what it is.
  private static final Set<String> OF_PLACE =
      Set.of("workers", "threads", "backend", "run", "checkpoint", "patienceSeconds");

  private final String uid;
  private final Param<String> cell = text("cell", "the recurrence: lstm, gru, elman, ...");
  private final Param<String> hidden = text("hidden", "H, hidden units of a layer, or auto");
  private final Param<String> layers = text("layers", "how many layers, or what each is");
  private final Param<String> wiring = text("wiring", "residual, tied, factored");
  private final Param<String> dropout = text("dropout", "random masks to train with");
  private final Param<String> init = text("init", "how the parameters start");
  private final Param<Object> seed = new LongParam(this, "seed", "of all that is random");
  private final Param<Object> batch = whole("batch", "B, sequences side by side");
  private final Param<Object> epochs = whole("epochs", "how often it goes through the data");
  private final Param<Object> blocks =
      whole("blocks", "N, parts of a batch whose gradients are added up in order");
  private final Param<String> optimizer = text("optimizer", "adam, sgd, adagrad or rmsprop");
  private final Param<Object> lr = number("lr", "the learning rate");
  private final Param<String> schedule = text("schedule", "how the learning rate changes");
  private final Param<Object> decay = number("decay", "weight decay");
  private final Param<String> clip = text("clip", "largest norm of the gradient");
  private final Param<Object> accumulate = whole("accumulate", "batches of an update");
  private final Param<String> average = text("average", "the average of parameters to keep");
  private final Param<Object> patience = whole("patience", "validations without gain");
  private final Param<Object> interval = whole("interval", "updates between validations");
  private final Param<Object> workers = whole("workers", "W, tasks that train together");
  private final Param<Object> threads = whole("threads", "threads of a task");
  private final Param<String> backend = text("backend", "what computes: auto, vector or scalar");
  private final Param<String> run =
      text("run", "a folder that all executors see, for checkpoints to go on from");
  private final Param<Object> checkpoint = whole("checkpoint", "updates between checkpoints");
  private final Param<Object> patienceSeconds =
      whole("patienceSeconds", "how long a worker waits for another before it gives up");

  /// @param uid by which Spark knows it
  protected TrainingEstimator(String uid) {
    // Parameters ask for it when they are made.
    this.uid = uid;
    super();
    setDefault(workers, 1);
    setDefault(threads, 1);
    setDefault(backend, "auto");
    setDefault(run, "");
    setDefault(checkpoint, 500);
    setDefault(patienceSeconds, 60);
  }

  @Override
  public final String uid() {
    return uid;
  }

  /// A parameter that is a text.
  protected final Param<String> text(String name, String doc) {
    return new Param<>(this, name, doc);
  }

  /// A parameter that is a whole number.
  protected final Param<Object> whole(String name, String doc) {
    return new IntParam(this, name, doc);
  }

  /// A parameter that is a number.
  protected final Param<Object> number(String name, String doc) {
    return new DoubleParam(this, name, doc);
  }

  /// A parameter that is true or false.
  protected final Param<Object> flag(String name, String doc) {
    return new BooleanParam(this, name, doc);
  }

  /// A parameter that is a list of columns.
  protected final StringArrayParam columns(String name, String doc) {
    return new StringArrayParam(this, name, doc);
  }

  /// The recurrence.
  public final Param<String> cell() {
    return cell;
  }

  /// Sets [#cell()].
  public final E setCell(String value) {
    return with(cell, value);
  }

  /// H.
  public final Param<String> hidden() {
    return hidden;
  }

  /// Sets [#hidden()].
  public final E setHidden(String value) {
    return with(hidden, value);
  }

  /// How many layers there are, or what each is: `lstm:64,gru:32`.
  public final Param<String> layers() {
    return layers;
  }

  /// Sets [#layers()].
  public final E setLayers(String value) {
    return with(layers, value);
  }

  /// What the network has beyond layers: `residual`, `tied`, `factored`.
  public final Param<String> wiring() {
    return wiring;
  }

  /// Sets [#wiring()].
  public final E setWiring(String value) {
    return with(wiring, value);
  }

  /// Random masks to train with.
  public final Param<String> dropout() {
    return dropout;
  }

  /// Sets [#dropout()].
  public final E setDropout(String value) {
    return with(dropout, value);
  }

  /// How the parameters start.
  public final Param<String> init() {
    return init;
  }

  /// Sets [#init()].
  public final E setInit(String value) {
    return with(init, value);
  }

  /// The seed of all that is random.
  public final Param<Object> seed() {
    return seed;
  }

  /// Sets [#seed()].
  public final E setSeed(long value) {
    return with(seed, value);
  }

  /// B.
  public final Param<Object> batch() {
    return batch;
  }

  /// Sets [#batch()].
  public final E setBatch(int value) {
    return with(batch, value);
  }

  /// How often a training goes through the data.
  public final Param<Object> epochs() {
    return epochs;
  }

  /// Sets [#epochs()].
  public final E setEpochs(int value) {
    return with(epochs, value);
  }

  /// N, in how many parts a batch is summed; as many as [#workers()], unless it is set.
  public final Param<Object> blocks() {
    return blocks;
  }

  /// Sets [#blocks()].
  public final E setBlocks(int value) {
    return with(blocks, value);
  }

  /// How gradients become changes.
  public final Param<String> optimizer() {
    return optimizer;
  }

  /// Sets [#optimizer()].
  public final E setOptimizer(String value) {
    return with(optimizer, value);
  }

  /// The learning rate.
  public final Param<Object> lr() {
    return lr;
  }

  /// Sets [#lr()].
  public final E setLr(double value) {
    return with(lr, value);
  }

  /// How the learning rate changes.
  public final Param<String> schedule() {
    return schedule;
  }

  /// Sets [#schedule()].
  public final E setSchedule(String value) {
    return with(schedule, value);
  }

  /// Weight decay.
  public final Param<Object> decay() {
    return decay;
  }

  /// Sets [#decay()].
  public final E setDecay(double value) {
    return with(decay, value);
  }

  /// The largest norm of the gradient.
  public final Param<String> clip() {
    return clip;
  }

  /// Sets [#clip()].
  public final E setClip(String value) {
    return with(clip, value);
  }

  /// Batches of an update.
  public final Param<Object> accumulate() {
    return accumulate;
  }

  /// Sets [#accumulate()].
  public final E setAccumulate(int value) {
    return with(accumulate, value);
  }

  /// The average of the parameters that is kept.
  public final Param<String> average() {
    return average;
  }

  /// Sets [#average()].
  public final E setAverage(String value) {
    return with(average, value);
  }

  /// Validations in a row without gain, before it ends.
  public final Param<Object> patience() {
    return patience;
  }

  /// Sets [#patience()].
  public final E setPatience(int value) {
    return with(patience, value);
  }

  /// Updates between validations, besides those after epochs.
  public final Param<Object> interval() {
    return interval;
  }

  /// Sets [#interval()].
  public final E setInterval(int value) {
    return with(interval, value);
  }

  /// W, how many tasks train one network together, each with all the data.
  public final Param<Object> workers() {
    return workers;
  }

  /// Sets [#workers()].
  public final E setWorkers(int value) {
    return with(workers, value);
  }

  /// Threads of a task: `spark.task.cpus` has to be as many.
  public final Param<Object> threads() {
    return threads;
  }

  /// Sets [#threads()].
  public final E setThreads(int value) {
    return with(threads, value);
  }

  /// What computes.
  public final Param<String> backend() {
    return backend;
  }

  /// Sets [#backend()].
  public final E setBackend(String value) {
    return with(backend, value);
  }

  /// The folder of checkpoints, which all executors see; none if it is empty: a stage that is tried again begins anew then.
  public final Param<String> run() {
    return run;
  }

  /// Sets [#run()].
  public final E setRun(String value) {
    return with(run, value);
  }

  /// Updates between checkpoints.
  public final Param<Object> checkpoint() {
    return checkpoint;
  }

  /// Sets [#checkpoint()].
  public final E setCheckpoint(int value) {
    return with(checkpoint, value);
  }

  /// How long a worker waits for a silent one.
  public final Param<Object> patienceSeconds() {
    return patienceSeconds;
  }

  /// Sets [#patienceSeconds()].
  public final E setPatienceSeconds(int value) {
    return with(patienceSeconds, value);
  }

  /// Sets `param`.
  @SuppressWarnings("unchecked")
  protected final <T> E with(Param<T> param, T value) {
    set(param, value);
    return (E) this;
  }

  /// The options that were set, by their names on the command line.
  NamedOptions options() {
    Map<String, String> said = new HashMap<>();
    for (Param<?> param : params()) {
      if (isSet(param) && !OF_PLACE.contains(param.name()) && !isOfRows(param)) {
        Object value = getOrDefault(param);
        said.put(
            optionName(param.name()),
            value instanceof String[] several ? String.join(",", several) : value.toString());
      }
    }
    if (!isSet(blocks)) {
      said.put("blocks", getOrDefault(workers).toString());
    }
    return new NamedOptions(said);
  }

  /// Whether a parameter says how rows come in, and is no option of the training.
  boolean isOfRows(Param<?> param) {
    return false;
  }

  /// `min-count` of `minCount`.
  static String optionName(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  /// Who trains.
  final Place place() {
    return new Place(
        (int) getOrDefault(workers),
        (int) getOrDefault(threads),
        getOrDefault(backend),
        getOrDefault(run),
        (int) getOrDefault(checkpoint),
        (int) getOrDefault(patienceSeconds));
  }

  /// What is learned.
  abstract TrainingJob.Kind kind();

  /// The columns that are read.
  abstract List<String> names(StructType schema);

  /// The options for such rows.
  NamedOptions options(Dataset<Row> rows) {
    return options();
  }

  /// What is to be learned of `rows`.
  private TrainingJob job(Dataset<Row> rows) {
    Dataset<Row> read = rows.select(Rows.columns(names(rows.schema())));
    return new TrainingJob(
        kind(), options(rows), Rows.copy(kind(), read.schema(), read.toLocalIterator()));
  }

  /// Checks the options and the columns of what is learned from.
  final void check(StructType schema) {
    TrainingJob.check(kind(), options());
    expectColumns(schema);
  }

  /// Checks the columns of what is learned from.
  abstract void expectColumns(StructType schema);

  /// The trained model.
  abstract M model(byte[] file);

  /// Trains.
  ///
  /// **Errors**: [IllegalArgumentException] in one line for options and columns that cannot be used;
  /// [dev.unfold.run.output.FailureException] if tasks failed more often than Spark tries, with what the last one
  /// failed of.
  @Override
  public final M fit(Dataset<?> rows) {
    check(rows.schema());
    byte[] file = Training.run(rows.sparkSession(), job(rows.toDF()), place());
    return model(file).setParent(this);
  }

  /// Trains a model of its own for each value of `keys`, each in one task: the columns `keys`, `model`, the bytes of its
  /// safetensors file, and `refusal`, why there is none. The rows of a key are learned from in the order of all columns
  /// that are read, so that the same rows are the same models, however they are spread.
  ///
  /// @param keys columns, of which none is read
  public final Dataset<Row> trainEach(Dataset<?> rows, String... keys) {
    check(rows.schema());
    Rows.expect(rows.schema(), "keys", Rows.Type.ANY, keys);
    List<String> names = new ArrayList<>(names(rows.schema()));
    names.removeAll(List.of(keys));
    List<String> all = new ArrayList<>(List.of(keys));
    all.addAll(names);
    Dataset<Row> selected = rows.toDF().select(Rows.columns(all));
    StructType keyed = selected.select(Rows.columns(List.of(keys))).schema();
    StructType read = selected.select(Rows.columns(names)).schema();
    StructType made =
        keyed.add(MODEL, DataTypes.BinaryType, true).add(REFUSAL, DataTypes.StringType, true);
    Place place = place();
    EachTask task =
        new EachTask(
            kind(),
            new HashMap<>(options(rows.toDF()).said()),
            read,
            place.threads(),
            place.backend());
    return selected
        .groupBy(Rows.columns(List.of(keys)))
        .as(Encoders.row(keyed), Encoders.row(selected.schema()))
        .flatMapSortedGroups(Rows.columns(names), task, Encoders.row(made));
  }

  @Override
  public final MLWriter write() {
    return new DefaultParamsWriter(this);
  }
}
