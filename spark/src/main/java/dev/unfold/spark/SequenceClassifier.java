package dev.unfold.spark;

import dev.unfold.run.job.TrainingJob;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/// Learns which class a text is of, or the events of somebody, as `unfold train classify` does: either [#text()] is
/// set, and each row is a text, or [#by()] is, and all rows with the same value there are a sequence, in the order of
/// [#time()].
public final class SequenceClassifier
    extends TrainingEstimator<SequenceClassificationModel, SequenceClassifier> {
  private static final long serialVersionUID = 1;

  private final Param<String> text = text("text", "the column of texts");
  private final Param<String> label = text("label", "the column of labels");
  private final Param<String> by = text("by", "the column that tells sequences of events apart");
  private final Param<String> time = text("time", "the column of times of events");
  private final StringArrayParam features = columns("features", "the columns that are read");
  private final Param<String> pooling = text("pooling", "max, mean or last");
  private final IntParam embedding = whole("embedding", "width of a text's vector");
  private final IntParam minCount = whole("minCount", "how often a text has to occur");
  private final DoubleParam validate = number("validate", "the share to validate on");

  /// One with a name of its own.
  public SequenceClassifier() {
    this(Identifiable$.MODULE$.randomUID("sequenceClassifier"));
  }

  /// One that Spark knows by `uid`.
  public SequenceClassifier(String uid) {
    super(uid);
  }

  /// The column of texts.
  public Param<String> text() {
    return text;
  }

  /// Sets [#text()].
  public SequenceClassifier setText(String value) {
    return with(text, value);
  }

  /// The column of labels.
  public Param<String> label() {
    return label;
  }

  /// Sets [#label()].
  public SequenceClassifier setLabel(String value) {
    return with(label, value);
  }

  /// The column that tells sequences of events apart.
  public Param<String> by() {
    return by;
  }

  /// Sets [#by()].
  public SequenceClassifier setBy(String value) {
    return with(by, value);
  }

  /// The column of times of events; they are in the order of the rows if it is not set.
  public Param<String> time() {
    return time;
  }

  /// Sets [#time()].
  public SequenceClassifier setTime(String value) {
    return with(time, value);
  }

  /// The columns of events that are read; all others if it is not set.
  public StringArrayParam features() {
    return features;
  }

  /// Sets [#features()].
  public SequenceClassifier setFeatures(String... value) {
    return with(features, value);
  }

  /// Which vector of a sequence its class is read out of.
  public Param<String> pooling() {
    return pooling;
  }

  /// Sets [#pooling()].
  public SequenceClassifier setPooling(String value) {
    return with(pooling, value);
  }

  /// The width of a text's vector.
  public IntParam embedding() {
    return embedding;
  }

  /// Sets [#embedding()].
  public SequenceClassifier setEmbedding(int value) {
    return with(embedding, value);
  }

  /// How often a text has to occur to be known.
  public IntParam minCount() {
    return minCount;
  }

  /// Sets [#minCount()].
  public SequenceClassifier setMinCount(int value) {
    return with(minCount, value);
  }

  /// The share of sequences to validate on, drawn by the seed.
  public DoubleParam validate() {
    return validate;
  }

  /// Sets [#validate()].
  public SequenceClassifier setValidate(double value) {
    return with(validate, value);
  }

  @Override
  TrainingJob.Kind kind() {
    return TrainingJob.Kind.CLASSIFY;
  }

  @Override
  void expectColumns(StructType schema) {
    Columns.expect(schema, "label", Columns.Type.ANY, getOrDefault(label));
    if (isSet(text)) {
      Columns.expect(schema, "text", Columns.Type.TEXT, getOrDefault(text));
      return;
    }
    Columns.expect(schema, "by", Columns.Type.ANY, getOrDefault(by));
    if (isSet(time)) {
      Columns.expect(schema, "time", Columns.Type.TIME, getOrDefault(time));
    }
    if (isSet(features)) {
      Columns.expect(schema, "features", Columns.Type.ANY, getOrDefault(features));
    }
  }

  @Override
  List<String> names(StructType schema) {
    List<String> names = new ArrayList<>();
    if (isSet(text)) {
      names.addAll(List.of(getOrDefault(text), getOrDefault(label)));
    } else if (isSet(features)) {
      names.addAll(List.of(getOrDefault(by), getOrDefault(label)));
      options().find("time").ifPresent(names::add);
      names.addAll(List.of(getOrDefault(features)));
    } else {
      names.addAll(List.of(schema.fieldNames()));
    }
    return names.stream().distinct().toList();
  }

  @Override
  SequenceClassificationModel model(byte[] file, StructType schema) {
    return new SequenceClassificationModel(
            Identifiable$.MODULE$.randomUID("sequenceClassificationModel"), file)
        .setPredictionType(Classes.type(schema.apply(getOrDefault(label)).dataType()));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    check(schema);
    DataType type = Classes.dataType(schema.apply(getOrDefault(label)).dataType());
    return isSet(text)
        ? LabelColumns.ofText(schema, type)
        : LabelColumns.ofEvents(schema, getOrDefault(by), type);
  }

  @Override
  public SequenceClassifier copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  /// Reads one that was saved.
  public static MLReader<SequenceClassifier> read() {
    return new DefaultParamsReader<>();
  }

  /// Reads one that was saved at `path`.
  public static SequenceClassifier load(String path) {
    return read().load(path);
  }
}
