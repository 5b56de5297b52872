package dev.unfold.spark;

import dev.unfold.data.label.LabelledSequence;
import dev.unfold.run.label.LabelModel;
import dev.unfold.run.label.LabelPrediction;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;

/// Adds to each row the tags of its words; null where there are none.
///
/// @param model that tags
/// @param column of the words
record TaggedWords(ModelBytes model, int column) implements MapPartitionsFunction<Row, Row> {
  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    LabelModel labels = model.read(LabelModel.class, LabelModel::of);
    return new Chunks<>(rows, part -> tagged(labels, part));
  }

  private List<String> words(Row row) {
    return row.isNullAt(column) ? List.of() : row.getList(column);
  }

  private List<Row> tagged(LabelModel labels, List<Row> part) {
    List<LabelledSequence> sentences =
        part.stream()
            .map(this::words)
            .filter(words -> !words.isEmpty())
            .map(words ->
                LabelledSequence.ofWords(
                    words.stream().map(word -> word == null ? "" : word).toArray(String[]::new)))
            .toList();
    Iterator<LabelPrediction> said = labels.predict(sentences).iterator();
    List<Row> made = new ArrayList<>();
    for (Row row : part) {
      if (words(row).isEmpty()) {
        made.add(LabelledTexts.with(row, null, null));
        continue;
      }
      LabelPrediction own = said.next();
      made.add(LabelledTexts.with(row, own.labels().toArray(String[]::new), shares(labels, own)));
    }
    return made;
  }

  /// The probability of each tag that was given.
  private static Double[] shares(LabelModel labels, LabelPrediction said) {
    Double[] shares = new Double[said.labels().size()];
    for (int t = 0; t < shares.length; t++) {
      shares[t] = said.probabilities().get(t)[labels.labels().indexOf(said.labels().get(t))];
    }
    return shares;
  }
}
