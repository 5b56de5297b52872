package dev.unfold.data.series;

import dev.unfold.data.profile.Clock;
import dev.unfold.data.profile.Frequency;
import dev.unfold.data.profile.FrequencyUnit;
import dev.unfold.data.profile.TableProfile;
import dev.unfold.data.profile.TimeProfile;
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

/// Reads series from tables.
final class PanelReader {
  private static final Frequency ORDER = new Frequency(FrequencyUnit.ORDER, 1);

  private final List<Table> tables;
  private final SeriesColumns columns;
  private final Frequency frequency;
  private final List<String> numbers = new ArrayList<>();
  private final List<String> texts = new ArrayList<>();
  private final List<Map<String, Integer>> dictionary = new ArrayList<>();
  private final Map<List<String>, SeriesRows> series = new LinkedHashMap<>();

  PanelReader(List<Table> tables, SeriesColumns columns, Optional<Frequency> given) {
    this.tables = tables;
    this.columns = columns;
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
    this.frequency = given.orElseGet(this::frequency);
  }

  private static boolean isNumber(Column column) {
    return column.type().isNumeric() || column.type() == ColumnType.EMPTY;
  }

  private Frequency frequency() {
    if (columns.isOrdered()) {
      return ORDER;
    }
    TableProfile profile = TableProfile.of(tables.getFirst(), columns.profile());
    if (profile.time().isEmpty()) {
      return ORDER;
    }
    TimeProfile time = profile.time().orElseThrow();
    if (time.frequency().unit().isRegular()) {
      return time.frequency();
    }
    throw new DataException(
        "%s: column %s: expected times at even distances, got %s; rows have to be in the order of their times, and --frequency none takes each row as a step"
            .formatted(
                tables.getFirst().files().getFirst(), time.column(), time.frequency().text()));
  }

  Panel read() {
    for (Table table : tables) {
      read(table);
    }
    List<Series> all = new ArrayList<>();
    long spare = SeriesRows.SPARE;
    for (Map.Entry<List<String>, SeriesRows> each : series.entrySet()) {
      Series made = each.getValue().series(each.getKey(), frequency, spare);
      spare -= each.getValue().spared(made);
      all.add(made);
    }
    return new Panel(
        columns, frequency, numbers, texts, dictionary.stream().map(this::words).toList(), all);
  }

  private List<String> words(Map<String, Integer> numbered) {
    return numbered.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .toList();
  }

  private void read(Table table) {
    boolean isFirst = table.equals(tables.getFirst());
    boolean isOrder = frequency.unit() == FrequencyUnit.ORDER;
    Optional<Clock> clock =
        columns.isOrdered() ? Optional.empty() : Clock.of(table, columns.profile());
    int[] byIndex =
        columns.by().stream().mapToInt(name -> table.column("by", name).index()).toArray();
    int[] numberIndex =
        numbers.stream().mapToInt(name -> index(table, name, isFirst, true)).toArray();
    int[] textIndex = texts.stream().mapToInt(name -> index(table, name, isFirst, false)).toArray();
    Map<String, SeriesRows> bySingle = new HashMap<>();
    for (SeriesRows each : series.values()) {
      each.nextTable();
    }
    boolean isTimed = clock.isPresent();
    table.rows(row -> {
      SeriesRows rows = rows(row, bySingle, byIndex, isOrder);
      if (isTimed) {
        Clock by = clock.orElseThrow();
        if (by.read(row, rows.times()) == Clock.Reading.MISSING) {
          throw new DataException(
              "%s: line %d, column %s: expected a time, got none"
                  .formatted(row.place().file(), row.place().line(), by.name()));
        }
        rows.begin(by.instant(), by.local(), row.place());
      } else {
        rows.begin(row.place());
      }
      for (int c = 0; c < numberIndex.length; c++) {
        int index = numberIndex[c];
        rows.number(c, index < 0 || row.isMissing(index) ? Double.NaN : row.number(index));
      }
      for (int c = 0; c < textIndex.length; c++) {
        int index = textIndex[c];
        rows.text(c, index < 0 || row.isMissing(index) ? Series.NO_TEXT : word(c, row.text(index)));
      }
    });
  }

  /// -1 for one that a later table need not have.
  private int index(Table table, String name, boolean isFirst, boolean mustBeNumber) {
    boolean mayLack =
        !isFirst && (columns.targets().contains(name) || columns.past().contains(name));
    if (mayLack && table.columns().stream().noneMatch(each -> each.name().equals(name))) {
      return -1;
    }
    Column column = table.column("column", name);
    if (mustBeNumber && !isNumber(column)) {
      String odd =
          column
              .odd()
              .map(o -> "; line %d has %s".formatted(o.place().line(), o.value()))
              .orElse("");
      throw new DataException(
          "%s: column %s: expected numbers, got %s%s"
              .formatted(table.files().getFirst(), name, column.type().text(), odd));
    }
    return column.index();
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
    return series.computeIfAbsent(keys, _ -> new SeriesRows(columns, numbers, texts, isOrder));
  }
}
