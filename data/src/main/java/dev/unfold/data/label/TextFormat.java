package dev.unfold.data.label;

import dev.unfold.argument.Expect;
import dev.unfold.data.table.Column;
import dev.unfold.data.table.Row;
import dev.unfold.data.table.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A table with a text in each row, and its label in another column.
///
/// @param text name of the column of texts
/// @param label name of the column of labels
public record TextFormat(String text, String label) implements RowFormat {
  static final String NAME = "text";

  /// Checks that they are given.
  public TextFormat {
    Expect.given("text", text);
    Expect.given("label", label);
  }

  @Override
  public LabelledData read(Table table, Labels labels) {
    List<LabelledSequence> sequences = new ArrayList<>();
    Column texts = table.column("text", text);
    int classes =
        labels == Labels.REQUIRED ? table.column("label", label).index() : EventsFormat.NONE;
    table.rows(row -> {
      if (row.isMissing(texts.index())) {
        throw row.place().refusal(text, "a text", "none");
      }
      sequences.add(
          LinesFormat.of(row.place(), row.text(texts.index()), labels(row, classes, label)));
    });
    return LabelFormat.data(List.of(), List.of(LinesFormat.WORD), sequences, table.sources(), this);
  }

  static List<String> labels(Row row, int column, String name) {
    if (column == EventsFormat.NONE) {
      return List.of();
    }
    if (row.isMissing(column)) {
      throw row.place().refusal(name, "a label", "none");
    }
    return List.of(row.text(column));
  }

  @Override
  public Map<String, String> described() {
    return LabelFormat.described(NAME, "text", text, "label", label);
  }
}
