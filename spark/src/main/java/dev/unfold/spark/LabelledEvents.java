package dev.unfold.spark;

import dev.unfold.data.label.EventsFormat;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.table.Table;
import dev.unfold.data.table.TableOptions;
import dev.unfold.run.label.LabelModel;
import dev.unfold.run.label.LabelPrediction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/// Tells which class the sequences of a partition are of.
///
/// @param model of events
/// @param read the columns of the rows
/// @param by the one that tells sequences apart
/// @param type of predictions
record LabelledEvents(ModelBytes model, StructType read, String by, String type)
    implements MapPartitionsFunction<Row, Row> {
  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    if (!rows.hasNext()) {
      return Collections.emptyIterator();
    }
    LabelModel labels = model.read(LabelModel.class, LabelModel::of);
    // The value of each row, as it came: where a sequence begins is told by the number of its first
    // row.
    List<Object> keys = new ArrayList<>();
    Iterator<Row> kept =
        new Chunks<>(
            rows,
            part -> {
              part.forEach(row -> keys.add(row.getAs(by)));
              return part;
            });
    LabelledData data;
    try (Table table = Table.of(Rows.copy(read, kept), TableOptions.defaults())) {
      data = ((EventsFormat) labels.format()).read(table, LabelFormat.Labels.UNKNOWN);
    }
    Classes classes = Classes.of(labels.labels(), type);
    List<LabelPrediction> said = labels.predict(data.sequences());
    List<Row> made = new ArrayList<>();
    for (int i = 0; i < said.size(); i++) {
      int first = (int) data.sequences().get(i).place().line() - 1;
      made.add(
          RowFactory.create(
              keys.get(first),
              classes.prediction(said.get(i).labels().getFirst()),
              classes.probability(said.get(i).probabilities().getFirst())));
    }
    return made.iterator();
  }
}
