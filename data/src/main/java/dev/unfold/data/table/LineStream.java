package dev.unfold.data.table;

import dev.unfold.argument.Expect;
import dev.unfold.data.source.DataException;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Rows that are read line by line, as they come.
final class LineStream implements RowStream {
  /// The longest first line.
  private static final int LONGEST = 1 << 20;

  private final String name;
  private final TableOptions options;
  private final DecodedFile in;
  private final Header header = new Header();
  private final List<Column> columns = new ArrayList<>();
  private Set<String> numbers = Set.of();
  private final TimeText times = new TimeText();

  LineStream(String name, DecodedFile in, TableOptions options) {
    this.name = name;
    this.in = in;
    this.options = options;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
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
      if (TsfHead.begins(start)) {
        throw new DataException(name + ": expected rows that come one by one, got a .tsf file");
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
    return CsvRows.even(Dialect.of(start, false, options), header, options);
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

  @Override
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
