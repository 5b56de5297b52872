package dev.unfold.spark;

import dev.unfold.run.job.NamedOptions;
import java.util.Map;
import java.util.Set;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/// Who trains a network.
///
/// @param <M> what is trained
/// @param <E> the estimator itself
public abstract class PlaceParams<M extends Model<M>, E> extends UpdateParams<M, E> {
  private static final long serialVersionUID = 1;

  private final IntParam workers = whole("workers", "W, tasks that train together");
  private final IntParam threads = whole("threads", "threads of a task");
  private final Param<String> backend = text("backend", "what computes: auto, vector or scalar");
  private final Param<String> run =
      text("run", "a folder that all executors see, for checkpoints to go on from");
  private final IntParam checkpoint = whole("checkpoint", "updates between checkpoints");
  private final IntParam patienceSeconds =
      whole("patienceSeconds", "how long a worker waits for another before it gives up");

  PlaceParams(String uid) {
    super(uid);
    setDefault(workers, 1);
    setDefault(threads, 1);
    setDefault(backend, "auto");
    setDefault(run, "");
    setDefault(checkpoint, 500);
    setDefault(patienceSeconds, 60);
  }

  /// W, how many tasks train one network together, each with all the data.
  public final IntParam workers() {
    return workers;
  }

  /// Sets [#workers()].
  public final E setWorkers(int value) {
    return with(workers, value);
  }

  /// Threads of a task: `spark.task.cpus` has to be as many.
  public final IntParam threads() {
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

  /// The folder of checkpoints, which all executors see; none if it is empty: a stage that is tried again begins anew
  /// then.
  public final Param<String> run() {
    return run;
  }

  /// Sets [#run()].
  public final E setRun(String value) {
    return with(run, value);
  }

  /// Updates between checkpoints.
  public final IntParam checkpoint() {
    return checkpoint;
  }

  /// Sets [#checkpoint()].
  public final E setCheckpoint(int value) {
    return with(checkpoint, value);
  }

  /// How long a worker waits for a silent one.
  public final IntParam patienceSeconds() {
    return patienceSeconds;
  }

  /// Sets [#patienceSeconds()].
  public final E setPatienceSeconds(int value) {
    return with(patienceSeconds, value);
  }

  @Override
  final boolean isOfPlace(Param<?> param) {
    return Set.of(workers, threads, backend, run, checkpoint, patienceSeconds).contains(param);
  }

  /// A block for each worker, unless something else is said.
  @Override
  NamedOptions options() {
    return super.options().or(Map.of("blocks", getOrDefault(workers).toString()));
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
}
