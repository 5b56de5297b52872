package dev.unfold.data.table;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.data.source.DataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Small files of tables, made by tests.
public record Tables(Path folder) {
  public Path write(String name, String content) {
    return write(name, content.getBytes(StandardCharsets.UTF_8));
  }

  Path write(String name, byte[] content) {
    try {
      return Files.write(folder.resolve(name), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Table read(String content) {
    return read(content, TableOptions.defaults());
  }

  public Table read(String content, TableOptions options) {
    return Table.read(List.of(TableFile.of(write("t.csv", content))), options);
  }

  /// What stands behind the file's name in the message.
  String refusal(String content, TableOptions options) {
    Path file = write("t.csv", content);
    DataException e =
        assertThrows(
            DataException.class, () -> Table.read(List.of(TableFile.of(file)), options).close());
    return e.getMessage().replace(file + ": ", "");
  }

  String refusal(String content) {
    return refusal(content, TableOptions.defaults());
  }

  static List<ColumnType> types(Table table) {
    return table.columns().stream().map(Column::type).toList();
  }

  /// All values as texts; null is missing.
  static List<List<String>> texts(Table table) {
    List<List<String>> rows = new ArrayList<>();
    table.rows(row -> {
      List<String> values = new ArrayList<>();
      for (int i = 0; i < row.width(); i++) {
        values.add(row.isMissing(i) ? null : row.text(i));
      }
      rows.add(values);
    });
    return rows;
  }

  /// The numbers of a column; NaN is missing.
  static double[] numbers(Table table, String column) {
    List<Double> numbers = new ArrayList<>();
    int i = table.column(column).index();
    table.rows(row -> numbers.add(row.isMissing(i) ? Double.NaN : row.number(i)));
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /// The times of a column in microseconds.
  static long[] times(Table table, String column) {
    List<Long> times = new ArrayList<>();
    int i = table.column(column).index();
    table.rows(row -> times.add(row.time(i)));
    return times.stream().mapToLong(Long::longValue).toArray();
  }
}
