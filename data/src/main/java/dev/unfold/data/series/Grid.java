package dev.unfold.data.series;

import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Place;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.stream.IntStream;

/// The rows of one series, laid on even steps in a second pass.
final class Grid {
  /// Columns of texts by number, as words.
  interface Words {
    String of(int column, int text);
  }

  private final SeriesColumns columns;
  private final SeriesRows rows;
  private final Timeline timeline;

  /// The instants of rows that are steps, whatever their distances; empty for even ones.
  private final Optional<Numbers> instants;

  private final DoubleFunction<Numbers> memory;
  private final Numbers[] numbers;
  private final Numbers[] texts;

  private final List<String> names;
  private final List<String> textNames;
  private final int steps;

  /// Columns that never change, and so are the same at all steps, also at those that no row has; they are null until the
  /// first row.
  private final BitSet staticNumbers;

  private final BitSet staticTexts;

  /// Where what never changes stood first.
  private final Place[] numberPlaces;

  private final Place[] textPlaces;
  private final Words words;

  /// The lines of the rows of the table that is read; those of tables before it are only added to. Null for a table
  /// that has none yet.
  private Numbers lines;

  /// How many numbers of the same step were added; empty if no mean is taken.
  private final List<Numbers> added = new ArrayList<>();

  private boolean isBegun;
  private int step;
  private boolean isRepeated;

  /// @param words what texts are, for messages
  /// @param memory makes columns of as many steps, all of which are that number
  Grid(
      SeriesColumns columns,
      SeriesRows rows,
      Timeline timeline,
      List<String> names,
      List<String> textNames,
      Words words,
      DoubleFunction<Numbers> memory) {
    this.columns = columns;
    this.rows = rows;
    instants = timeline.isRows() ? Optional.of(memory.apply(Double.NaN)) : Optional.empty();
    this.timeline = instants.map(timeline::withInstants).orElse(timeline);
    this.memory = memory;
    this.names = names;
    this.textNames = textNames;
    this.words = words;
    numberPlaces = new Place[names.size()];
    textPlaces = new Place[textNames.size()];
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
    long at = instants.isPresent() ? row(instant) : timeline.step(instant, local).orElse(-1);
    isBegun = true;
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

  /// The step of the next row: another one, if it is later.
  private long row(long instant) {
    Numbers own = instants.orElseThrow();
    int next = !isBegun ? 0 : own.at(step) == instant ? step : step + 1;
    if (next < steps) {
      own.set(next, (double) instant);
    }
    return next;
  }

  /// Its number in a column.
  void number(int column, double number, Place place) {
    if (staticNumbers.get(column)) {
      Numbers before = numbers[column];
      if (before == null) {
        numbers[column] = memory.apply(number);
        numberPlaces[column] = place;
      } else if (before.at(0) != number && !(Double.isNaN(before.at(0)) && Double.isNaN(number))) {
        throw changed(
            names.get(column), place, numberPlaces[column], shown(before.at(0)), shown(number));
      }
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
      Numbers before = texts[column];
      if (before == null) {
        texts[column] = memory.apply(text);
        textPlaces[column] = place;
      } else if (before.at(0) != text) {
        throw changed(
            textNames.get(column),
            place,
            textPlaces[column],
            shown(column, (int) before.at(0)),
            shown(column, text));
      }
    } else if (text != Series.NO_TEXT) {
      texts[column].set(step, text);
    }
  }

  private DataException changed(
      String column, Place place, Place first, String before, String got) {
    String file = first.file().equals(place.file()) ? "" : first.file() + ": ";
    return rows.refusal(
        place,
        "%s in the static column %s, as in %sline %d".formatted(before, column, file, first.line()),
        got);
  }

  private static String shown(double number) {
    boolean isWhole = number == Math.rint(number) && Math.abs(number) < 0x1p53;
    return Double.isNaN(number)
        ? "nothing"
        : isWhole ? Long.toString((long) number) : Double.toString(number);
  }

  private String shown(int column, int text) {
    return text == Series.NO_TEXT ? "nothing" : Place.shown(words.of(column, text));
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
