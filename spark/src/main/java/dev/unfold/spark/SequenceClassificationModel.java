package dev.unfold.spark;

import dev.unfold.data.label.EventsFormat;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.TextFormat;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.run.label.LabelModel;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/// Tells which class texts or events are of: `prediction`, and `probability`, a vector of those of all classes in the
/// order of [#classes()]. Of texts each row gets both; of events there is a row for each sequence. Labels that were
/// numbers are predicted as such, so that Spark's evaluators take both columns; all others are texts.
///
/// **Memory**: 256 texts at a time in a task; of events the rows of a partition, all of a sequence being in one.
public final class SequenceClassificationModel extends SequenceModel<SequenceClassificationModel> {
  private static final long serialVersionUID = 1;

  private final Param<String> predictionType =
      new Param<>(this, "predictionType", "what labels are predicted as: string or double");

  SequenceClassificationModel(String uid, byte[] file) {
    this(uid, ModelBytes.of(file));
    if (labels().isOfSteps()) {
      throw new FormatException(uid + ": expected a classifier of sequences, got a tagger");
    }
  }

  private SequenceClassificationModel(String uid, ModelBytes bytes) {
    super(uid, bytes);
    setDefault(predictionType, Classes.STRING);
  }

  /// What labels are predicted as: `string`, or `double` for labels that are numbers, as it is set by a training on
  /// such.
  public Param<String> predictionType() {
    return predictionType;
  }

  /// Sets [#predictionType()].
  public SequenceClassificationModel setPredictionType(String value) {
    set(predictionType, value);
    return this;
  }

  private Classes all() {
    return Classes.of(labels().labels(), getOrDefault(predictionType));
  }

  private LabelModel labels() {
    return bytes().read(LabelModel.class, LabelModel::of);
  }

  /// The labels of the K classes, in the order of their probabilities: that of their values, if they are predicted as
  /// numbers.
  public List<String> classes() {
    return all().names();
  }

  @Override
  public Dataset<Row> transform(Dataset<?> rows) {
    StructType made = transformSchema(rows.schema());
    Dataset<Row> all = rows.toDF();
    String type = getOrDefault(predictionType);
    return switch (labels().format()) {
      case TextFormat format ->
          all.mapPartitions(
              new LabelledTexts(bytes(), rows.schema().fieldIndex(format.text()), type),
              Encoders.row(made));
      case EventsFormat format -> {
        Columns.expectWhole(rows);
        Dataset<Row> read = all.select(Columns.of(names(format)));
        yield RowOrder.together(read, List.of(format.by()))
            .mapPartitions(
                new LabelledEvents(bytes(), read.schema(), format.by(), type), Encoders.row(made));
      }
      default -> throw new FormatException(uid() + ": expected a model of texts or events");
    };
  }

  private static List<String> names(EventsFormat format) {
    List<String> names = new ArrayList<>(List.of(format.by()));
    if (!format.time().isEmpty()) {
      names.add(format.time());
    }
    names.addAll(format.numbers());
    names.addAll(format.texts());
    return names.stream().distinct().toList();
  }

  @Override
  public StructType transformSchema(StructType schema) {
    DataType type = all().dataType();
    LabelFormat own = labels().format();
    if (own instanceof TextFormat format) {
      Columns.expect(schema, "text", Columns.Type.TEXT, format.text());
      return LabelColumns.ofText(schema, type);
    }
    EventsFormat format = (EventsFormat) own;
    Columns.expect(schema, "by", Columns.Type.ANY, format.by());
    if (!format.time().isEmpty()) {
      Columns.expect(schema, "time", Columns.Type.TIME, format.time());
    }
    Columns.expect(schema, "features", Columns.Type.ANY, format.texts().toArray(String[]::new));
    Columns.expect(
        schema, "features", Columns.Type.NUMBER, format.numbers().toArray(String[]::new));
    return LabelColumns.ofEvents(schema, format.by(), type);
  }

  @Override
  public SequenceClassificationModel copy(ParamMap extra) {
    return copyValues(new SequenceClassificationModel(uid(), bytes()), extra).setParent(parent());
  }

  /// Reads one that was saved.
  public static MLReader<SequenceClassificationModel> read() {
    return new ModelWriter.Reader<>(
        SequenceClassificationModel.class, SequenceClassificationModel::new);
  }

  /// Reads one that was saved at `path`.
  public static SequenceClassificationModel load(String path) {
    return read().load(path);
  }
}
