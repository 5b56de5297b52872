package dev.unfold.data.table;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.data.source.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/// Rows of named values, from one file or several with the same columns: CSV, TSV and the like, JSON lines, Parquet, or
/// series of `.tsf` files.
///
///     try (Table table = Table.read(Path.of("sales.csv"))) {
///       int sales = table.column("sales").index();
///       table.rows(row -> { if (!row.isMissing(sales)) sum += row.number(sales); });
///     }
///
/// **Memory**: a row, and what is known of each column. To make one reads the files once; each call of [#rows] reads
/// them again.
///
/// **Errors**: [DataException] that names file, line and column, what was expected and what came: for rows that have
/// more or fewer values than there are columns, characters that are not of the encoding, dates and numbers that can be
/// read in two ways, separators of thousands, years of two digits, infinities, and files that are no tables at all.
public final class Table implements AutoCloseable {
  private final List<TableFile> files;
  private final TableOptions options;
  private final Header header = new Header();
  private final RowSource source;
  private final List<Column> columns = new ArrayList<>();
  private final MissingTexts missing;
  private long rows;

  private Table(List<TableFile> files, TableOptions options) {
    this.files = List.copyOf(files);
    this.options = options;
    this.missing = new MissingTexts(options.missing());
    source =
        this.files.getFirst().beginsWith(ParquetRows.START)
            ? parquet()
            : text().in(options.encoding());
    findTypes();
  }

  /// The answer that a spool has.
  private Table(TableFile file, List<String> names, TableOptions options) {
    this.files = List.of(file);
    this.options = options;
    this.missing = new MissingTexts(options.missing());
    source = new QueryRows(header, names);
    findTypes();
  }

  private RowSource parquet() {
    if (isWide()) {
      throw unfit("Parquet");
    }
    if (!options.names().isEmpty()) {
      throw new DataException(
          this.files.getFirst().name()
              + ": expected no names beside those of a Parquet file, got some");
    }
    if (!canReadParquet()) {
      throw new DataException(
          files.getFirst().name()
              + ": expected the module dev.hardwood.core, which reads Parquet, got none");
    }
    return new ParquetRows(header, options.missing());
  }

  /// Whether the library is there; its classes are asked for where it is known to be.
  private static boolean canReadParquet() {
    try {
      Class.forName("dev.hardwood.InputFile", false, Table.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private TextRows text() {
    Start start = Start.of(files.getFirst(), options);
    if (JsonRows.begins(start.text())) {
      if (!options.names().isEmpty()) {
        throw JsonRows.named(files.getFirst().name());
      }
      if (isWide()) {
        throw unfit("JSON lines");
      }
      return new JsonRows(header);
    }
    if (TsfHead.begins(start.text())) {
      return tsf();
    }
    Dialect dialect = Dialect.of(start.text(), start.isWhole(), options);
    return isWide()
        ? new WideRows(dialect, header, options, missing)
        : CsvRows.even(dialect, header, options);
  }

  private TextRows tsf() {
    if (isWide()) {
      throw unfit("a .tsf file");
    }
    if (!options.names().isEmpty()) {
      throw new DataException(
          files.getFirst().name() + ": expected no names beside those of a .tsf file, got some");
    }
    return new TsfRows(header, missing);
  }

  private DataException unfit(String form) {
    return new DataException(
        files.getFirst().name()
            + ": expected values with a delimiter between them, as tables with a series a row"
            + " have, got "
            + form);
  }

  /// Reads a file of which nothing is said.
  public static Table read(Path file) {
    return read(List.of(TableFile.of(file)), TableOptions.defaults());
  }

  /// Reads files, of which each has the same columns. They are closed with the table, and if it cannot be made.
  public static Table read(List<TableFile> files, TableOptions options) {
    if (files.isEmpty()) {
      throw new Refusal("files", "at least one", "none");
    }
    try {
      return new Table(files, options);
    } catch (RuntimeException e) {
      files.forEach(TableFile::close);
      throw e;
    }
  }

  /// The answer to a query, which is run once and copied to a file that is deleted when the table is closed.
  ///
  /// **Errors**: [DataException] if no module is there that runs queries, or if it cannot be run.
  public static Table query(Query query, TableOptions options) {
    QueryRunner runner =
        ServiceLoader.load(QueryRunner.class)
            .findFirst()
            .orElseThrow(() ->
                new DataException(
                    "sql: expected the module unfold-sql on the module path, which runs queries,"
                        + " got none"));
    TableFile file = TableFile.temporary("query");
    try {
      List<String> names;
      try (QuerySpool spool = QuerySpool.of(file)) {
        runner.run(query, spool);
        names = spool.names();
      }
      return new Table(file, names, options);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /// The rows of a copy, which are in a file until the table is closed, unless they are but one piece.
  ///
  /// **Errors**: [DataException] if there are none; [java.io.UncheckedIOException] if there is no room for the file.
  public static Table of(RowCopy copy, TableOptions options) {
    // Those of one key or of one batch, of which there may be a million: each file would cost more
    // than its rows.
    TableFile file =
        copy.pieces().size() == 1
            ? TableFile.of(copy.name(), copy.pieces().getFirst())
            : TableFile.copyOf(copy.name(), copy.open());
    try {
      return new Table(file, copy.columns(), options);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private void findTypes() {
    List<Evidence> all = new ArrayList<>();
    TimeText times = new TimeText();
    pass(
        new Row(),
        row -> {
          for (int i = all.size(); i < header.size(); i++) {
            all.add(new Evidence(header.names().get(i), rows));
          }
          for (int i = 0; i < row.width(); i++) {
            all.get(i).add(row, i, times, options);
          }
          rows++;
        });
    if (rows == 0) {
      throw new DataException(
          "%s: expected rows below the names of columns, got none"
              .formatted(files.getFirst().name()));
    }
    boolean comma = all.stream().anyMatch(each -> each.proves(','));
    boolean point = all.stream().anyMatch(each -> each.proves('.'));
    for (int i = 0; i < all.size(); i++) {
      columns.add(all.get(i).column(i, options, comma, point));
    }
  }

  private void pass(Row row, Consumer<Row> sink) {
    row.use(columns, missing);
    source.begin();
    for (TableFile file : files) {
      try {
        source.read(
            file,
            row,
            () -> {
              row.count();
              sink.accept(row);
            });
      } catch (IOException e) {
        throw DecodedFile.unreadable(file.name(), e);
      }
    }
  }

  /// Reads all rows, in order. Each is given in the same object.
  ///
  /// **Errors**: [DataException] if the files changed meanwhile.
  public void rows(Consumer<Row> sink) {
    Row row = new Row();
    pass(row, sink);
    if (row.number() + 1 != rows) {
      throw new DataException(
          "%s: expected the %,d rows that it had when it was opened, got %,d"
              .formatted(files.getFirst().name(), rows, row.number() + 1));
    }
  }

  /// How many rows there are.
  public long rowCount() {
    return rows;
  }

  /// The columns, in order.
  public List<Column> columns() {
    return List.copyOf(columns);
  }

  /// The column of that name.
  public Column column(String name) {
    return column("column", name);
  }

  /// The same for an argument that names one.
  ///
  /// **Errors**: [DataException] that names the argument and the columns that there are.
  public Column column(String argument, String name) {
    int index = header.find(name);
    if (index < 0) {
      throw header.unknown(argument, name);
    }
    return columns.get(index);
  }

  /// The same for one that has to have numbers, or nothing.
  ///
  /// **Errors**: [DataException] that names the argument and what the column has.
  public Column numbers(String argument, String name) {
    Column column = column(argument, name);
    if (!column.type().isNumeric() && column.type() != ColumnType.EMPTY) {
      String odd =
          column
              .odd()
              .map(o -> "; line %d has %s".formatted(o.place().line(), o.value()))
              .orElse("");
      throw new DataException(
          "%s: %s: expected a column of numbers, got %s, which is %s%s"
              .formatted(files.getFirst().name(), argument, name, column.type().text(), odd));
    }
    return column;
  }

  private boolean isWide() {
    return options.shape() == TableShape.WIDE;
  }

  /// Which columns are what, if its files have series and not rows.
  public Optional<SeriesLayout> layout() {
    return source.layout();
  }

  /// The names of its files.
  public List<String> files() {
    return files.stream().map(TableFile::name).toList();
  }

  /// Its files as evidence of what was read.
  public List<Source> sources() {
    return TableFile.sources(files);
  }

  /// How its files are written, for people: `values with ; between them`.
  public String form() {
    return source.form(columns.size());
  }

  /// Deletes what was copied.
  @Override
  public void close() {
    files.forEach(TableFile::close);
  }
}
