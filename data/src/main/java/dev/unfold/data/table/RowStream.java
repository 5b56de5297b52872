package dev.unfold.data.table;

import dev.unfold.argument.Expect;
import dev.unfold.data.source.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Rows of named values as they come, line by line: CSV, TSV and the like, or JSON lines. A [Table] finds types by
/// looking at all rows first; here each row has to be what is said of its columns, or what the first row is.
///
/// **Memory**: a row.
///
/// **Errors**: [DataException] that names file, line and column, as those of a table.
public final class RowStream implements AutoCloseable {
  /// The longest first line.
  private static final int LONGEST = 1 << 20;

  private final String name;
  private final TableOptions options;
  private final DecodedFile in;
  private final Header header = new Header();
  private final List<Column> columns = new ArrayList<>();
  private Set<String> numbers = Set.of();
  private final TimeText times = new TimeText();

  private RowStream(String name, DecodedFile in, TableOptions options) {
    this.name = name;
    this.in = in;
    this.options = options;
  }

  /// The rows of a file.
  public static RowStream of(TableFile file, TableOptions options) {
    return new RowStream(file.name(), new DecodedFile(file, options.encoding()), options);
  }

  /// The rows of a stream.
  ///
  /// @param name what messages call it
  public static RowStream of(String name, InputStream in, TableOptions options) {
    return new RowStream(name, new DecodedFile(name, in, options.encoding()), options);
  }

  /// What messages call it.
  public String name() {
    return name;
  }

  /// Reads all rows, in order. Each is given in the same object.
  ///
  /// @param areNumbers the columns whose values have to be numbers
  /// @param begin what is done when the columns are known, before the first row
  /// @param next what is done with a row
  /// @param wait what is done before more is asked for, which may take its time
  public void rows(
      List<String> areNumbers, Consumer<List<Column>> begin, Consumer<Row> next, Runnable wait) {
    Expect.given("areNumbers", areNumbers);
    numbers = new HashSet<>(areNumbers);
    Row row = new Row();
    row.use(columns, new MissingTexts(options.missing()));
    try {
      String start = firstLine();
      if (start.isBlank()) {
        throw new DataException(name + ": expected a table, got an empty file");
      }
      boolean isJson = JsonRows.begins(start);
      if (isJson && !options.names().isEmpty()) {
        throw JsonRows.named(name);
      }
      TextRows rows = isJson ? new JsonRows(header) : csv(start);
      rows.read(
          name,
          new Rest(start, wait),
          row,
          () -> {
            row.count();
            if (columns.isEmpty()) {
              find(row);
              begin.accept(List.copyOf(columns));
            }
            check(row);
            next.accept(row);
          });
    } catch (IOException e) {
      throw DecodedFile.unreadable(name, e);
    }
  }

  private CsvRows csv(String start) {
    Dialect dialect = Dialect.of(start, false, options);
    if (options.names().isEmpty()) {
      return CsvRows.named(dialect, header);
    }
    Place place = new Place("names", 1);
    options.names().forEach(each -> header.add(each, place));
    return CsvRows.unnamed(dialect, header);
  }

  private String firstLine() throws IOException {
    StringBuilder line = new StringBuilder();
    char[] one = new char[2];
    while (line.length() < LONGEST) {
      int count = in.read(one, 0, 2);
      if (count < 0) {
        break;
      }
      line.append(one, 0, count);
      if (line.indexOf("\n", line.length() - count) >= 0 && !line.toString().isBlank()) {
        break;
      }
    }
    return line.toString();
  }

  /// The types of columns, as the first row has them.
  private void find(Row row) {
    for (int i = 0; i < header.size(); i++) {
      String column = header.names().get(i);
      Evidence evidence = new Evidence(column, 0);
      if (!numbers.contains(column)) {
        evidence.add(row, i, times, options);
        columns.add(evidence.column(i, options, false, false));
      } else {
        columns.add(
            new Column(
                i,
                column,
                ColumnType.NUMBER,
                1,
                0,
                options.decimal().orElse('.'),
                DateOrder.DAY_FIRST,
                false,
                NumberClock.ORDER,
                Optional.empty()));
      }
    }
  }

  private void check(Row row) {
    if (row.width() > columns.size()) {
      throw row.place().refusal("the columns of the first row", "more");
    }
    for (Column column : columns) {
      int i = column.index();
      if (row.isMissing(i)) {
        continue;
      }
      boolean isRight =
          switch (column.type()) {
            case NUMBER -> !numbers.contains(column.name()) || isNumber(row, column);
            case WHOLE -> isWhole(row, i);
            case TIME -> isTime(row, column);
            default -> true;
          };
      if (!isRight) {
        String expected =
            switch (column.type()) {
              case NUMBER -> "a finite number";
              case WHOLE -> "a whole number, as in the first row";
              default -> "a time as in the first row";
            };
        throw row.place().refusal(column.name(), expected, Place.shown(row.text(i)));
      }
    }
  }

  private static boolean isNumber(Row row, Column column) {
    int i = column.index();
    return switch (row.kind(i)) {
      case PLAIN -> {
        Reading reading = NumberText.reading(row.chars(), row.start(i), row.end(i));
        yield reading == Reading.WHOLE
            || (column.decimal() == '.'
                ? reading == Reading.FRACTION
                : reading == Reading.COMMA || reading == Reading.COMMA_OR_THOUSANDS);
      }
      case WHOLE -> true;
      case NUMBER -> Double.isFinite(row.number(i));
      default -> false;
    };
  }

  private static boolean isWhole(Row row, int i) {
    return row.kind(i) == Row.Kind.WHOLE
        || (row.kind(i) == Row.Kind.PLAIN
            && row.length(i) <= 18
            && NumberText.reading(row.chars(), row.start(i), row.end(i)) == Reading.WHOLE);
  }

  private boolean isTime(Row row, Column column) {
    int i = column.index();
    if (!row.kind(i).isText()) {
      return row.kind(i) == Row.Kind.LOCAL_TIME || row.kind(i) == Row.Kind.INSTANT;
    }
    Reading reading = times.read(row.chars(), row.start(i), row.end(i));
    DateOrder order = column.dates();
    boolean isOfOrder =
        reading != (order == DateOrder.DAY_FIRST ? Reading.MONTH_FIRST : Reading.DAY_FIRST);
    return reading.isTime()
        && reading != Reading.SHORT_YEAR
        && isOfOrder
        && times.isZoned() == column.isZoned();
  }

  /// The column of that name among those that were found.
  ///
  /// **Errors**: [DataException] that names the argument and the columns that there are.
  public Column column(String argument, String column) {
    int index = header.find(column);
    if (index < 0) {
      throw header.unknown(argument, column);
    }
    return columns.get(index);
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw DecodedFile.unreadable(name, e);
    }
  }

  /// The first line again, and then what follows, for which somebody may have to wait.
  private final class Rest extends Reader {
    private final String start;
    private final Runnable wait;
    private int at;

    Rest(String start, Runnable wait) {
      this.start = start;
      this.wait = wait;
    }

    @Override
    public int read(char[] into, int offset, int length) throws IOException {
      if (at < start.length()) {
        int count = Math.min(length, start.length() - at);
        start.getChars(at, at + count, into, offset);
        at += count;
        return count;
      }
      wait.run();
      return in.read(into, offset, length);
    }

    @Override
    public void close() {
      // The stream is closed by who opened it.
    }
  }
}
