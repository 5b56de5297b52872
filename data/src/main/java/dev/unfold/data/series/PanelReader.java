package dev.unfold.data.series;

import dev.unfold.data.profile.Clock;
import dev.unfold.data.profile.Frequency;
import dev.unfold.data.profile.FrequencyUnit;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Column;
import dev.unfold.data.table.ColumnType;
import dev.unfold.data.table.Row;
import dev.unfold.data.table.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Reads series from tables, in two passes: one that finds the times of each, and one that lays rows on even steps.
final class PanelReader {
  private static final Frequency ORDER = new Frequency(FrequencyUnit.ORDER, 1);

  private final List<Table> tables;
  private final SeriesColumns columns;
  private final Optional<Frequency> given;
  private final long mostBytes;
  private final boolean mayUseFile;
  private final List<String> numbers = new ArrayList<>();
  private final List<String> texts = new ArrayList<>();
  private final List<Map<String, Integer>> dictionary = new ArrayList<>();
  private final Map<List<String>, SeriesRows> series = new LinkedHashMap<>();

  /// What is done with each row of a pass.
  private interface Rows {
    /// @param instant of the row, or its place among those of the series
    void take(SeriesRows of, long instant, long local, Row row);
  }

  /// @param mostBytes that series may have in the heap; those of more are in a file
  /// @param mayUseFile whether they may be, and are not refused
  PanelReader(
      List<Table> tables,
      SeriesColumns columns,
      Optional<Frequency> given,
      long mostBytes,
      boolean mayUseFile) {
    this.tables = tables;
    this.columns = columns;
    this.given = given;
    this.mostBytes = mostBytes;
    this.mayUseFile = mayUseFile;
    Table first = tables.getFirst();
    numbers.addAll(columns.targets());
    Stream.of(columns.known(), columns.past(), columns.statics())
        .flatMap(List::stream)
        .forEach(name -> {
          if (isNumber(first.column("known, past, static", name))) {
            numbers.add(name);
          } else {
            texts.add(name);
            dictionary.add(new HashMap<>());
          }
        });
  }

  /// Whether rows are steps, whatever their distances.
  private boolean isRows() {
    return given.filter(each -> each.unit() == FrequencyUnit.IRREGULAR).isPresent();
  }

  private static boolean isNumber(Column column) {
    return column.type().isNumeric() || column.type() == ColumnType.EMPTY;
  }

  Panel read() {
    columns.targets().forEach(name -> tables.getFirst().numbers("target", name));
    Frequency frequency = given.orElse(ORDER);
    for (Table table : tables) {
      Optional<Clock> clock =
          rows(table, (of, instant, local, row) -> of.add(instant, local, row.place()));
      if (given.isEmpty() && clock.isPresent() && table.equals(tables.getFirst())) {
        frequency = frequency(clock.orElseThrow());
      }
    }
    lay(frequency);
    for (Table table : tables) {
      series.values().forEach(each -> each.grid().nextTable());
      rows(table, laying(table));
    }
    return new Panel(
        columns,
        frequency,
        numbers,
        texts,
        dictionary.stream().map(this::words).toList(),
        series.values().stream().map(each -> each.grid().series()).toList());
  }

  /// That of most rows.
  private Frequency frequency(Clock clock) {
    Frequency found =
        Frequency.ofMost(series.values().stream().map(SeriesRows::times).toList(), clock.isOrder());
    if (found.unit().isRegular()) {
      return found;
    }
    throw new DataException(
        ("%s: column %s: expected times at even distances, got %s; rows have to be in the order of"
                + " their times; --frequency none takes each row as a step, and --gaps input reads"
                + " their distances as well")
            .formatted(tables.getFirst().files().getFirst(), clock.name(), found.text()));
  }

  /// Makes room for all series, in a file if they are too much for the heap.
  private void lay(Frequency frequency) {
    Map<SeriesRows, Timeline> timelines = new LinkedHashMap<>();
    Map<SeriesRows, Integer> steps = new HashMap<>();
    long spare = SeriesRows.SPARE;
    long all = 0;
    for (SeriesRows each : series.values()) {
      Timeline timeline = each.timeline(columns, frequency);
      int count = each.steps(timeline, spare);
      spare -= each.spared(count);
      timelines.put(each, timeline);
      steps.put(each, count);
      all += count;
    }
    int counted = columns.duplicates() == Duplicates.MEAN ? 2 : 1;
    int kept = (isRows() ? 2 : 1) + counted * numbers.size() + texts.size();
    long bytes = all * Double.BYTES * kept;
    if (bytes > mostBytes && !mayUseFile) {
      throw new DataException(
          "%s: expected series of at most %,d numbers in all, got %,d steps of %d numbers"
              .formatted(
                  tables.getFirst().files().getFirst(), mostBytes / Double.BYTES, all, kept));
    }
    Optional<NumbersFile> file =
        bytes > mostBytes ? Optional.of(NumbersFile.usual()) : Optional.empty();
    timelines.forEach((each, timeline) -> {
      int count = steps.get(each);
      each.lay(
          new Grid(
              columns,
              each,
              timeline,
              numbers,
              texts,
              (c, text) -> words(dictionary.get(c)).get(text),
              blank ->
                  file.map(in -> in.allocate(count, blank))
                      .orElseGet(() -> Numbers.all(count, blank))));
    });
  }

  private List<String> words(Map<String, Integer> numbered) {
    return numbered.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .toList();
  }

  /// A pass over a table.
  ///
  /// @return what reads its times, if it has any
  private Optional<Clock> rows(Table table, Rows sink) {
    Optional<Clock> clock =
        columns.isOrdered() ? Optional.empty() : Clock.of(table, columns.profile());
    boolean isOrder = clock.map(Clock::isOrder).orElse(true);
    if (isRows() && isOrder) {
      throw new DataException(
          "%s: expected a column of times, whose distances are read, got %s"
              .formatted(
                  table.files().getFirst(),
                  clock.map(each -> "an order in " + each.name()).orElse("none")));
    }
    int[] byIndex =
        columns.by().stream().mapToInt(name -> table.column("by", name).index()).toArray();
    Map<String, SeriesRows> bySingle = new HashMap<>();
    boolean isTimed = clock.isPresent();
    table.rows(row -> {
      SeriesRows of = rows(row, bySingle, byIndex, isOrder);
      if (isTimed) {
        Clock by = clock.orElseThrow();
        if (by.read(row, of.times()) == Clock.Reading.MISSING) {
          throw new DataException(
              "%s: line %d, column %s: expected a time, got none"
                  .formatted(row.place().file(), row.place().line(), by.name()));
        }
        of.times().add(by.instant(), by.local(), row.place());
        sink.take(of, by.instant(), by.local(), row);
      } else {
        sink.take(of, of.next(), 0, row);
      }
    });
    return clock;
  }

  /// What lays the rows of a table on their steps.
  private Rows laying(Table table) {
    boolean isFirst = table.equals(tables.getFirst());
    int[] numberIndex =
        numbers.stream().mapToInt(name -> index(table, name, isFirst, true)).toArray();
    int[] textIndex = texts.stream().mapToInt(name -> index(table, name, isFirst, false)).toArray();
    return (of, instant, local, row) -> {
      Grid grid = of.grid();
      grid.begin(instant, local, row.place());
      for (int c = 0; c < numberIndex.length; c++) {
        int index = numberIndex[c];
        // A later table need not have what never changes, or what is known of the past.
        if (index >= 0) {
          grid.number(c, row.isMissing(index) ? Double.NaN : row.number(index), row.place());
        }
      }
      for (int c = 0; c < textIndex.length; c++) {
        int index = textIndex[c];
        if (index >= 0) {
          grid.text(
              c, row.isMissing(index) ? Series.NO_TEXT : word(c, row.text(index)), row.place());
        }
      }
    };
  }

  /// -1 for one that a later table need not have.
  private int index(Table table, String name, boolean isFirst, boolean mustBeNumber) {
    boolean mayLack =
        !isFirst
            && (columns.targets().contains(name)
                || columns.past().contains(name)
                || columns.statics().contains(name));
    if (mayLack && table.columns().stream().noneMatch(each -> each.name().equals(name))) {
      return -1;
    }
    return mustBeNumber
        ? table.numbers("column", name).index()
        : table.column("column", name).index();
  }

  private int word(int c, String text) {
    Map<String, Integer> known = dictionary.get(c);
    return known.computeIfAbsent(text, _ -> known.size());
  }

  private SeriesRows rows(Row row, Map<String, SeriesRows> bySingle, int[] by, boolean isOrder) {
    if (by.length <= 1) {
      String key = by.length == 0 ? "" : row.text(by[0]);
      SeriesRows found = bySingle.get(key);
      if (found == null) {
        found = rows(by.length == 0 ? List.of() : List.of(key), isOrder);
        bySingle.put(key, found);
      }
      return found;
    }
    List<String> keys = new ArrayList<>(by.length);
    for (int index : by) {
      keys.add(row.text(index));
    }
    return rows(keys, isOrder);
  }

  private SeriesRows rows(List<String> keys, boolean isOrder) {
    return series.computeIfAbsent(keys, _ -> new SeriesRows(keys, isOrder, isRows()));
  }
}
