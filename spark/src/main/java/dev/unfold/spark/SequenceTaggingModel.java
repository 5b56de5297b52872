package dev.unfold.spark;

import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.run.label.LabelModel;
import java.util.List;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/// Gives each word of a row its tag: `prediction`, an array of tags, and `probability`, an array of theirs.
///
/// **Memory**: 256 sentences at a time in a task.
public final class SequenceTaggingModel extends SequenceModel<SequenceTaggingModel> {
  private static final long serialVersionUID = 1;

  private final Param<String> words = new Param<>(this, "words", "the column of arrays of words");

  SequenceTaggingModel(String uid, byte[] file) {
    this(uid, ModelBytes.of(file));
    if (!labels().isOfSteps()) {
      throw new FormatException(uid + ": expected a tagger, got a classifier of sequences");
    }
  }

  private SequenceTaggingModel(String uid, ModelBytes bytes) {
    super(uid, bytes);
    setDefault(words, "words");
  }

  /// The column of arrays of words.
  public Param<String> words() {
    return words;
  }

  /// Sets [#words()].
  public SequenceTaggingModel setWords(String column) {
    set(words, column);
    return this;
  }

  private LabelModel labels() {
    return bytes().read(LabelModel.class, LabelModel::of);
  }

  /// The names of the K tags.
  public List<String> tags() {
    return labels().labels();
  }

  @Override
  public Dataset<Row> transform(Dataset<?> rows) {
    StructType made = transformSchema(rows.schema());
    int column = rows.schema().fieldIndex(getOrDefault(words));
    return rows.toDF().mapPartitions(new TaggedWords(bytes(), column), Encoders.row(made));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    Columns.expect(schema, "words", Columns.Type.WORDS, getOrDefault(words));
    return LabelColumns.ofWords(schema);
  }

  @Override
  public SequenceTaggingModel copy(ParamMap extra) {
    return copyValues(new SequenceTaggingModel(uid(), bytes()), extra).setParent(parent());
  }

  /// Reads one that was saved.
  public static MLReader<SequenceTaggingModel> read() {
    return new ModelWriter.Reader<>(SequenceTaggingModel.class, SequenceTaggingModel::new);
  }

  /// Reads one that was saved at `path`.
  public static SequenceTaggingModel load(String path) {
    return read().load(path);
  }
}
