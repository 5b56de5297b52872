package dev.unfold.data.table;

import dev.unfold.argument.Expect;
import dev.unfold.data.source.DataException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Consumer;

/// Rows of named values in the order in which they come. Lines of CSV, TSV and the like and of JSON are read one by
/// one: a [Table] finds types by looking at all rows first; here each row has to be what is said of its columns, or
/// what the first row is. Any other form is a table, whose rows these are.
///
/// **Memory**: a row.
///
/// **Errors**: [DataException] that names file, line and column, as those of a table.
public sealed interface RowStream extends AutoCloseable permits LineStream, TableStream {
  /// The rows of a file.
  static RowStream of(TableFile file, TableOptions options) {
    Expect.given("options", options);
    // What comes through a pipe is there once, and is not looked into.
    boolean isOther =
        options.shape() != TableShape.LONG
            || (file.isRegular()
                && (file.beginsWith(ParquetRows.START) || TsfHead.begins(file.beginning())));
    return isOther
        ? of(Table.read(List.of(file), options))
        : new LineStream(file.name(), new DecodedFile(file, options.encoding()), options);
  }

  /// The rows of a stream, which has to be of lines.
  ///
  /// @param name what messages call it
  static RowStream of(String name, InputStream in, TableOptions options) {
    return new LineStream(name, new DecodedFile(name, in, options.encoding()), options);
  }

  /// The rows of a table, which is closed with this.
  static RowStream of(Table table) {
    return new TableStream(Expect.given("table", table));
  }

  /// What messages call it.
  String name();

  /// Reads all rows, in order. Each is given in the same object.
  ///
  /// @param areNumbers the columns whose values have to be numbers
  /// @param begin what is done when the columns are known, before the first row
  /// @param next what is done with a row
  /// @param wait what is done before more is asked for, which may take its time
  void rows(
      List<String> areNumbers, Consumer<List<Column>> begin, Consumer<Row> next, Runnable wait);

  /// The column of that name among those that were found.
  ///
  /// **Errors**: [DataException] that names the argument and the columns that there are.
  Column column(String argument, String column);

  @Override
  void close();
}
