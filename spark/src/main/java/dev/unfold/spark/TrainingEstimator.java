package dev.unfold.spark;

import dev.unfold.data.source.DataException;
import dev.unfold.run.job.NamedOptions;
import dev.unfold.run.job.TrainingJob;
import java.util.List;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
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

  /// The names of columns that what is made with its models has.
  List<String> made() {
    return List.of();
  }

  /// The columns whose order is that of the rows of a key, before that of the DataFrame.
  List<String> order() {
    return List.of();
  }

  /// What is to be learned of `rows`.
  private TrainingJob job(Dataset<Row> rows) {
    Dataset<Row> read = rows.select(Columns.of(names(rows.schema())));
    try {
      return new TrainingJob(
          kind(), options(rows), Rows.copy(kind(), read.schema(), read.toLocalIterator()));
    } catch (DataException e) {
      // As it is when a worker finds it.
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /// Checks the options and the columns of what is learned from.
  final void check(StructType schema) {
    TrainingJob.check(kind(), options());
    expectColumns(schema);
  }

  /// Checks the columns of what is learned from.
  abstract void expectColumns(StructType schema);

  /// The trained model.
  ///
  /// @param schema of what it was trained on
  abstract M model(byte[] file, StructType schema);

  /// Trains.
  ///
  /// **Errors**: [IllegalArgumentException] in one line for options, columns and rows that cannot be used;
  /// [dev.unfold.run.output.FailureException] if tasks failed more often than Spark tries, with what the last one
  /// failed of.
  @Override
  public final M fit(Dataset<?> rows) {
    Columns.expectWhole(rows);
    check(rows.schema());
    byte[] file = Training.run(rows.sparkSession(), job(rows.toDF()), place());
    return model(file, rows.schema()).setParent(this);
  }

  /// Trains a model of its own for each value of `keys`, each in one task: the columns `keys`, `model`, the bytes of
  /// its safetensors file, and `refusal`, why there is none. Each is the same bits as that of [#fit] from the rows of
  /// its key, in the order of their times if these are told, and else in that of the DataFrame.
  ///
  /// As all of Spark's, it is computed when it is asked for, and each time again: write it, or cache it first.
  ///
  /// @param keys columns of which none is read, nor named as one of the results or of forecasts
  ///
  /// **Errors**: as [#fit] for options and columns.
  public final Dataset<Row> trainEach(Dataset<?> rows, String... keys) {
    return EachTraining.of(this, rows.toDF(), List.of(keys));
  }

  @Override
  public final MLWriter write() {
    return new DefaultParamsWriter(this);
  }
}
