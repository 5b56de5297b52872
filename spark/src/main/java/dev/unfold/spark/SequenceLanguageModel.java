package dev.unfold.spark;

import dev.unfold.run.task.TextModel;
import java.util.List;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/// Tells how well the text of each row is foreseen, each for itself: `loss`, the mean of -ln p of its tokens but the
/// first, in nats, and `tokens`, how many these are. Of a model of lines, all tokens of a line count, and its end.
/// Both are null for texts with nothing to foresee.
public final class SequenceLanguageModel extends SequenceModel<SequenceLanguageModel> {
  private static final String LOSS = "loss";
  private static final String TOKENS = "tokens";

  private static final long serialVersionUID = 1;

  private final Param<String> text = new Param<>(this, "text", "the column of texts");

  SequenceLanguageModel(String uid, byte[] file) {
    this(uid, ModelBytes.of(file));
    model();
  }

  private SequenceLanguageModel(String uid, ModelBytes bytes) {
    super(uid, bytes);
    setDefault(text, "value");
  }

  /// The column of texts.
  public Param<String> text() {
    return text;
  }

  /// Sets [#text()].
  public SequenceLanguageModel setText(String column) {
    set(text, column);
    return this;
  }

  /// What foresees, and writes.
  public TextModel model() {
    return bytes().read(TextModel.class, TextModel::of);
  }

  @Override
  public Dataset<Row> transform(Dataset<?> rows) {
    StructType made = transformSchema(rows.schema());
    int column = rows.schema().fieldIndex(getOrDefault(text));
    return rows.toDF().mapPartitions(new ScoredTexts(bytes(), column), Encoders.row(made));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    Columns.expect(schema, "text", Columns.Type.TEXT, getOrDefault(text));
    return with(schema);
  }

  /// The columns with those that are added.
  static StructType with(StructType schema) {
    Columns.expectFree(schema, List.of(LOSS, TOKENS));
    return schema.add(LOSS, DataTypes.DoubleType, true).add(TOKENS, DataTypes.LongType, true);
  }

  @Override
  public SequenceLanguageModel copy(ParamMap extra) {
    return copyValues(new SequenceLanguageModel(uid(), bytes()), extra).setParent(parent());
  }

  /// Reads one that was saved.
  public static MLReader<SequenceLanguageModel> read() {
    return new ModelWriter.Reader<>(SequenceLanguageModel.class, SequenceLanguageModel::new);
  }

  /// Reads one that was saved at `path`.
  public static SequenceLanguageModel load(String path) {
    return read().load(path);
  }
}
