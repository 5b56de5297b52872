package dev.unfold.data.table;

import dev.unfold.argument.Refusal;
import java.io.IOException;
import java.io.Reader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One series a row, given as rows of its name, the place of a value from 1 on, and the value. What is missing behind
/// the last value fills the row up and is left out; what is missing between two values is a missing value. A series of
/// one file goes on in the next.
final class WideRows implements TextRows {
  private static final List<String> NAMES = List.of("id", "step", "value");

  private final CsvRows rows;
  private final List<String> columns;
  private final MissingTexts missing;

  /// Where each series of this pass stood last, and how many values it has so far.
  private final Map<String, Seen> series = new HashMap<>();

  private char[] digits = new char[10];

  private record Seen(Place place, int steps) {}

  WideRows(Dialect dialect, Header header, TableOptions options, MissingTexts missing) {
    boolean hasNames = options.names().isEmpty();
    List<String> names = hasNames ? NAMES : options.names();
    if (names.size() != NAMES.size()) {
      throw new Refusal("names", "three, for the series, the step and the value", names.size());
    }
    Place place = new Place("names", 1);
    names.forEach(name -> header.add(name, place));
    columns = names;
    rows = hasNames ? CsvRows.raggedBelowNames(dialect) : CsvRows.ragged(dialect);
    this.missing = missing;
  }

  @Override
  public String form(int columns) {
    return "a series a row, " + rows.between();
  }

  @Override
  public Optional<SeriesLayout> layout() {
    return Optional.of(new SeriesLayout(List.of(columns.get(0)), columns.get(1), columns.get(2)));
  }

  @Override
  public void begin() {
    series.clear();
  }

  @Override
  public void read(String name, Reader in, Row row, Runnable next) throws IOException {
    Row wide = new Row();
    wide.use(List.of(), missing);
    rows.read(name, in, wide, () -> split(wide, row, next));
  }

  private void split(Row wide, Row row, Runnable next) {
    if (wide.width() == 0 || wide.isMissing(0)) {
      throw wide.place().refusal("the name of a series as its first value", "none");
    }
    int width = wide.width();
    while (width > 1 && wide.isMissing(width - 1)) {
      width--;
    }
    if (width == 1) {
      throw wide.place()
          .refusal(
              "values of the series " + Place.shown(wide.text(0)) + " behind its name", "none");
    }
    int before = before(wide, width - 1);
    for (int i = 1; i < width; i++) {
      row.begin(wide.place());
      copy(wide, 0, row);
      step(before + i, row);
      copy(wide, i, row);
      next.run();
    }
  }

  /// How many values of the series other files have had.
  private int before(Row wide, int steps) {
    String id = wide.text(0);
    Seen seen = series.get(id);
    int before = seen == null ? 0 : seen.steps;
    if (seen != null && seen.place.file().equals(wide.place().file())) {
      throw wide.place()
          .refusal(
              "another name than that of line %d".formatted(seen.place.line()), Place.shown(id));
    }
    series.put(id, new Seen(wide.place(), Math.addExact(before, steps)));
    return before;
  }

  private static void copy(Row from, int column, Row to) {
    int start = from.start(column);
    to.add(from.chars(), start, from.end(column) - start, Row.Kind.PLAIN);
  }

  private void step(int step, Row row) {
    int at = digits.length;
    for (int rest = step; rest > 0; rest /= 10) {
      digits[--at] = (char) ('0' + rest % 10);
    }
    row.add(digits, at, digits.length - at, Row.Kind.PLAIN);
  }
}
