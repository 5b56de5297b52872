package dev.unfold.spark;

import dev.unfold.data.text.Replaced;
import dev.unfold.data.text.Text;
import dev.unfold.data.text.TextForm;
import dev.unfold.kernels.work.Team;
import dev.unfold.run.task.TextModel;
import dev.unfold.train.Evaluation;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;

/// Adds to each row how well its text is foreseen.
///
/// @param model of texts
/// @param column of the texts
record ScoredTexts(ModelBytes model, int column) implements MapPartitionsFunction<Row, Row> {
  private static final int SHORTEST = 2;

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    TextModel known = model.read(TextModel.class, TextModel::of);
    return new Chunks<>(
        rows,
        part -> {
          List<Row> made = new ArrayList<>();
          part.forEach(row -> made.add(scored(known, row)));
          return made;
        });
  }

  private Row scored(TextModel known, Row row) {
    if (row.isNullAt(column) || row.getString(column).isEmpty()) {
      return LabelledTexts.with(row, null, null);
    }
    int[] tokens = known.vocabulary().encode(row.getString(column));
    if (tokens.length < SHORTEST && known.form() == TextForm.STREAM) {
      return LabelledTexts.with(row, null, null);
    }
    Text text = new Text(Rows.NAME, tokens, Replaced.NONE, List.of());
    Evaluation evaluation = known.evaluate(text, Team.of(1));
    return LabelledTexts.with(row, evaluation.mean(), evaluation.count());
  }
}
