package dev.unfold.spark;

import dev.unfold.data.label.EventsFormat;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.TextFormat;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.run.label.LabelModel;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/// Tells which class texts or events are of: `prediction`, and its `probability`. Of texts each row gets both; of
/// events there is a row for each sequence.
///
/// **Memory**: 256 texts at a time in a task; of events the rows of a partition, all of a sequence being in one.
public final class SequenceClassificationModel extends SequenceModel<SequenceClassificationModel> {
  private static final long serialVersionUID = 1;

  SequenceClassificationModel(String uid, byte[] file) {
    this(uid, ModelBytes.of(file));
    if (labels().isOfSteps()) {
      throw new FormatException(uid + ": expected a classifier of sequences, got a tagger");
    }
  }

  private SequenceClassificationModel(String uid, ModelBytes bytes) {
    super(uid, bytes);
  }

  private LabelModel labels() {
    return bytes().read(LabelModel.class, LabelModel::of);
  }

  /// The names of the K classes.
  public List<String> classes() {
    return labels().labels();
  }

  @Override
  public Dataset<Row> transform(Dataset<?> rows) {
    StructType made = transformSchema(rows.schema());
    Dataset<Row> all = rows.toDF();
    return switch (labels().format()) {
      case TextFormat format ->
          all.mapPartitions(
              new LabelledTexts(bytes(), rows.schema().fieldIndex(format.text())),
              Encoders.row(made));
      case EventsFormat format -> {
        Dataset<Row> read = all.select(Rows.columns(names(format)));
        yield Rows.together(read, List.of(format.by()))
            .mapPartitions(
                new LabelledEvents(bytes(), read.schema(), format.by()), Encoders.row(made));
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
    LabelFormat own = labels().format();
    if (own instanceof TextFormat format) {
      Rows.expect(schema, "text", Rows.Type.TEXT, format.text());
      return LabelColumns.ofText(schema);
    }
    EventsFormat format = (EventsFormat) own;
    Rows.expect(schema, "by", Rows.Type.ANY, format.by());
    if (!format.time().isEmpty()) {
      Rows.expect(schema, "time", Rows.Type.TIME, format.time());
    }
    Rows.expect(schema, "features", Rows.Type.ANY, format.texts().toArray(String[]::new));
    Rows.expect(schema, "features", Rows.Type.NUMBER, format.numbers().toArray(String[]::new));
    return LabelColumns.ofEvents(schema, format.by());
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
