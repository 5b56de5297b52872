package dev.unfold.spark;

import dev.unfold.run.job.NamedOptions;
import dev.unfold.run.job.TrainingJob;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.apache.spark.ml.Model;
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
    extends PlaceParams<M, E> implements MLWritable {
  private static final long serialVersionUID = 1;

  static final String MODEL = "model";
  private static final String REFUSAL = "refusal";

  /// @param uid by which Spark knows it
  protected TrainingEstimator(String uid) {
    super(uid);
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

  /// Trains a model of its own for each value of `keys`, each in one task: the columns `keys`, `model`, the bytes of
  /// its safetensors file, and `refusal`, why there is none. The rows of a key are learned from in the order of all
  /// columns that are read, so that the same rows are the same models, however they are spread.
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
