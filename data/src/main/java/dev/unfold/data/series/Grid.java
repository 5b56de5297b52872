package dev.unfold.data.series;

import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Place;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.IntStream;

/// The rows of one series, laid on even steps in a second pass.
final class Grid {
  private final SeriesColumns columns;
  private final SeriesRows rows;
  private final Timeline timeline;
  private final DoubleFunction<Numbers> memory;
  private final Numbers[] numbers;
  private final Numbers[] texts;

  private final List<String> names;
  private final List<String> textNames;
  private final int steps;

  /// Columns that never change; they are null until the first row.
  private final BitSet staticNumbers;

  private final BitSet staticTexts;

  /// The lines of the rows of the table that is read; those of tables before it are only added to. Null for a table
  /// that has none yet.
  private Numbers lines;

  /// How many numbers of the same step were added; empty if no mean is taken.
  private final List<Numbers> added = new ArrayList<>();

  private boolean isBegun;
  private int step;
  private boolean isRepeated;

  /// @param memory makes columns of as many steps, all of which are that number
  Grid(
      SeriesColumns columns,
      SeriesRows rows,
      Timeline timeline,
      List<String> names,
      List<String> textNames,
      DoubleFunction<Numbers> memory) {
    this.columns = columns;
    this.rows = rows;
    this.timeline = timeline;
    this.memory = memory;
    this.names = names;
    this.textNames = textNames;
    staticNumbers = statics(names);
    staticTexts = statics(textNames);
    numbers = columns(staticNumbers, names.size(), Double.NaN);
    texts = columns(staticTexts, textNames.size(), Series.NO_TEXT);
    if (columns.duplicates() == Duplicates.MEAN) {
      names.forEach(_ -> added.add(memory.apply(0)));
    }
    lines = memory.apply(0);
    steps = lines.length();
  }

  private BitSet statics(List<String> all) {
    BitSet statics = new BitSet();
    IntStream.range(0, all.size())
        .filter(i -> columns.statics().contains(all.get(i)))
        .forEach(statics::set);
    return statics;
  }

  private Numbers[] columns(BitSet statics, int count, double blank) {
    return IntStream.range(0, count)
        .mapToObj(i -> statics.get(i) ? null : memory.apply(blank))
        .toArray(Numbers[]::new);
  }

  /// Begins the next table.
  void nextTable() {
    if (isBegun) {
      lines = memory.apply(0);
    }
  }

  /// A row.
  ///
  /// **Errors**: [DataException] if it is between two steps, or a second one that may not be.
  void begin(long instant, long local, Place place) {
    isBegun = true;
    long at = timeline.step(instant, local).orElse(-1);
    if (at < 0 || at >= steps) {
      throw rows.uneven(place, instant, local, timeline.frequency());
    }
    step = (int) at;
    double before = lines.at(step);
    isRepeated = before > 0;
    if (isRepeated && columns.duplicates() == Duplicates.REFUSE) {
      throw rows.refusal(
          place,
          "one row for %s; --duplicates mean, sum or last takes more"
              .formatted(timeline.text(step)),
          "another after line %d".formatted((long) before));
    }
    lines.set(step, (double) place.line());
  }

  /// Its number in a column.
  void number(int column, double number, Place place) {
    if (staticNumbers.get(column)) {
      numbers[column] = unchanged(numbers[column], names.get(column), number, place);
      return;
    }
    if (Double.isNaN(number)) {
      return;
    }
    Numbers of = numbers[column];
    if (!added.isEmpty()) {
      Numbers count = added.get(column);
      count.set(step, isRepeated ? count.at(step) + 1 : 1);
    }
    double before = of.at(step);
    boolean adds =
        columns.duplicates() == Duplicates.MEAN || columns.duplicates() == Duplicates.SUM;
    of.set(step, isRepeated && adds && !Double.isNaN(before) ? before + number : number);
  }

  /// Its text in a column, by number.
  void text(int column, int text, Place place) {
    if (staticTexts.get(column)) {
      texts[column] = unchanged(texts[column], textNames.get(column), text, place);
    } else if (text != Series.NO_TEXT) {
      texts[column].set(step, text);
    }
  }

  /// What never changes is there at all steps, also at those that no row has.
  private Numbers unchanged(Numbers before, String column, double number, Place place) {
    if (before == null) {
      return memory.apply(number);
    }
    double first = before.at(0);
    if (first != number && !(Double.isNaN(first) && Double.isNaN(number))) {
      throw rows.refusal(place, "one value of the static column " + column, "another than before");
    }
    return before;
  }

  /// All rows together.
  Series series() {
    fill(numbers, Double.NaN);
    fill(texts, Series.NO_TEXT);
    for (int c = 0; c < added.size(); c++) {
      for (int t = 0; t < steps && !staticNumbers.get(c); t++) {
        numbers[c].set(t, numbers[c].at(t) / Math.max(1, added.get(c).at(t)));
      }
    }
    return new Series(rows.name(), rows.keys(), timeline, numbers, texts);
  }

  /// Columns that never change and that no table of this series has.
  private void fill(Numbers[] columns, double blank) {
    for (int c = 0; c < columns.length; c++) {
      columns[c] = columns[c] == null ? memory.apply(blank) : columns[c];
    }
  }
}
