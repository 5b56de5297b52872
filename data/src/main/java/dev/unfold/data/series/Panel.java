package dev.unfold.data.series;

import dev.unfold.argument.Expect;
import dev.unfold.data.profile.Frequency;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Table;
import java.util.List;
import java.util.Optional;

/// Series side by side, of the same columns and the same frequency. Steps that no row has are there, and empty; of rows
/// at any distances there are none.
///
/// **Memory**: all series, 8 bytes a number, if these are not more than an eighth of the heap, nor 256 MB; else some of
/// them, and the others are in a temporary file, which the system deletes with the panel.
///
/// @param columns what they were read for
/// @param frequency what lies between two steps
/// @param numbers the names of the columns of numbers: the targets first, then what is known, past and static
/// @param texts the names of the columns of texts: known, past and static
/// @param dictionary the texts of each of them, by number, in the order in which they came
/// @param series each, in the order in which they came
public record Panel(
    SeriesColumns columns,
    Frequency frequency,
    List<String> numbers,
    List<String> texts,
    List<List<String>> dictionary,
    List<Series> series) {
  /// Bytes of numbers in the heap, at most, if nothing else is said.
  private static final long MOST = 256 << 20;

  /// Copies the lists.
  public Panel {
    numbers = List.copyOf(numbers);
    texts = List.copyOf(texts);
    dictionary = List.copyOf(dictionary);
    series = List.copyOf(series);
  }

  /// The series of a table.
  ///
  /// **Errors**: [DataException] that names file and line: for columns that are not there or of another type, times
  /// that are missing, repeated, or not even, and texts that change in a static column.
  public static Panel read(Table table, SeriesColumns columns) {
    return read(List.of(table), columns, Optional.empty());
  }

  /// The series of several tables: rows of the later ones add to those of the first, which may lack targets and past
  /// columns where the future is known. If steps are but an order, they follow them.
  ///
  /// @param frequency of the series, [Frequency#ofRows] for rows at any distances, in the order of their times; found
  ///     in the first table if empty
  public static Panel read(
      List<Table> tables, SeriesColumns columns, Optional<Frequency> frequency) {
    return read(tables, columns, frequency, Math.min(MOST, Runtime.getRuntime().maxMemory() / 8));
  }

  /// The same with another bound on the memory of the numbers.
  ///
  /// @param bytes in the heap, at most
  public static Panel read(
      List<Table> tables, SeriesColumns columns, Optional<Frequency> frequency, long bytes) {
    Expect.given("tables", tables);
    Expect.given("columns", columns);
    return new PanelReader(tables, columns, frequency, bytes, true).read();
  }

  /// The same without a temporary file, of tables from anybody.
  ///
  /// @param bytes of the numbers, at most
  ///
  /// **Errors**: [DataException] also if they would be more; nothing was allocated then.
  public static Panel readInMemory(
      List<Table> tables, SeriesColumns columns, Optional<Frequency> frequency, long bytes) {
    Expect.given("tables", tables);
    Expect.given("columns", columns);
    return new PanelReader(tables, columns, frequency, bytes, false).read();
  }

  /// How many columns are targets: the first of [#numbers].
  public int targets() {
    return columns.targets().size();
  }

  /// How many steps all series have together.
  public long steps() {
    return series.stream().mapToLong(Series::steps).sum();
  }
}
