package dev.unfold.spark;

import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.TextFormat;
import dev.unfold.data.table.RowCopy;
import dev.unfold.data.table.Table;
import dev.unfold.data.table.TableOptions;
import dev.unfold.run.label.LabelModel;
import dev.unfold.run.label.LabelPrediction;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/// Adds to each row which class its text is of; null to those without a text.
///
/// @param model of texts
/// @param column of the texts
/// @param type of predictions
record LabelledTexts(ModelBytes model, int column, String type)
    implements MapPartitionsFunction<Row, Row> {
  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    LabelModel labels = model.read(LabelModel.class, LabelModel::of);
    Classes classes = Classes.of(labels.labels(), type);
    return new Chunks<>(rows, part -> labelled(labels, classes, part));
  }

  private boolean hasText(Row row) {
    return !row.isNullAt(column) && !row.getString(column).isBlank();
  }

  private List<Row> labelled(LabelModel labels, Classes classes, List<Row> part) {
    List<String> texts =
        part.stream().filter(this::hasText).map(row -> row.getString(column)).toList();
    Iterator<LabelPrediction> said =
        (texts.isEmpty() ? List.<LabelPrediction>of() : predictions(labels, texts)).iterator();
    List<Row> made = new ArrayList<>();
    for (Row row : part) {
      if (hasText(row)) {
        LabelPrediction own = said.next();
        made.add(
            with(
                row,
                classes.prediction(own.labels().getFirst()),
                classes.probability(own.probabilities().getFirst())));
      } else {
        made.add(with(row, null, null));
      }
    }
    return made;
  }

  private static List<LabelPrediction> predictions(LabelModel labels, List<String> texts) {
    TextFormat format = (TextFormat) labels.format();
    RowCopy copy =
        RowCopy.of(
            Rows.NAME,
            sink -> {
              sink.columns(List.of(format.text()));
              texts.forEach(text -> {
                sink.text(text);
                sink.end();
              });
            });
    LabelledData data;
    try (Table table = Table.of(copy, TableOptions.defaults())) {
      data = format.read(table, LabelFormat.Labels.UNKNOWN);
    }
    return labels.predict(data.sequences());
  }

  /// A row with more values behind its own.
  static Row with(Row row, Object... more) {
    Object[] values = new Object[row.size() + more.length];
    for (int i = 0; i < row.size(); i++) {
      values[i] = row.get(i);
    }
    System.arraycopy(more, 0, values, row.size(), more.length);
    return RowFactory.create(values);
  }
}
