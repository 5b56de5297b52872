package dev.unfold.data.table;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.unfold.data.source.DataException;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Consumer;

/// Rows of values with a sign between them. Blank lines are left out.
final class CsvRows implements TextRows {
  /// A character that no text has, in place of a quote where nothing is one.
  private static final char NEVER = '\uFFFF';

  /// The most characters of a value, and a little more.
  private static final int LONGEST_FIELD = 1 << 22;

  private final Dialect dialect;

  /// What is done with the first row of each file, if that has the names of columns.
  private final Optional<Consumer<Row>> names;

  /// What each other row has to be.
  private final Consumer<Row> check;

  private CsvRows(Dialect dialect, Optional<Consumer<Row>> names, Consumer<Row> check) {
    this.dialect = dialect;
    this.names = names;
    this.check = check;
  }

  /// Rows of which each has as many values as there are columns, which the options name, or else the first row.
  static CsvRows even(Dialect dialect, Header header, TableOptions options) {
    if (options.names().isEmpty()) {
      return new CsvRows(dialect, Optional.of(header::take), header::expectWidth);
    }
    Place place = new Place("names", 1);
    options.names().forEach(name -> header.add(name, place));
    return new CsvRows(dialect, Optional.empty(), header::expectWidth);
  }

  /// Rows of any width below one that says nothing.
  static CsvRows raggedBelowNames(Dialect dialect) {
    return new CsvRows(dialect, Optional.of(_ -> {}), _ -> {});
  }

  /// Rows of any width.
  static CsvRows ragged(Dialect dialect) {
    return new CsvRows(dialect, Optional.empty(), _ -> {});
  }

  @Override
  public String form(int columns) {
    return columns == 1 ? "one value a line" : between();
  }

  /// `values with , between them`
  String between() {
    return "values with %s between them".formatted(shown(dialect.delimiter()));
  }

  @Override
  public void read(String name, Reader in, Row row, Runnable next) throws IOException {
    Fields fields = new Fields(name, row);
    char quote = dialect.quote() == TableOptions.NO_QUOTE ? NEVER : dialect.quote();
    try (CsvReader<Row> reader =
        CsvReader.builder()
            .fieldSeparator(dialect.delimiter())
            .quoteCharacter(quote)
            .skipEmptyLines(true)
            .allowUnclosedQuote(false)
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .maxBufferSize(LONGEST_FIELD)
            .build(fields, in)) {
      boolean isFirst = names.isPresent();
      for (Row each : reader) {
        if (isFirst) {
          isFirst = false;
          names.get().accept(each);
        } else {
          check.accept(each);
          next.run();
        }
      }
    } catch (CsvParseException e) {
      throw unusable(fields, e);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /// What the parser refuses, in our words: it is about a quote or about a size.
  private DataException unusable(Fields fields, CsvParseException e) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof DataException own) {
        return own;
      }
    }
    Place place = fields.place();
    String said = String.valueOf(e.getMessage());
    if (said.contains("buffer")) {
      return place.refusal(
          "values of at most %,d characters".formatted(LONGEST_FIELD),
          "a longer one; a quote that is never closed makes one");
    }
    return place.refusal(
        "a quote %s that ends a value before the delimiter %s"
            .formatted(dialect.quote(), shown(dialect.delimiter())),
        "one that does not, in this row; --quote none takes quotes as they are");
  }

  static String shown(char delimiter) {
    return delimiter == '\t' ? "tab" : Character.toString(delimiter);
  }

  /// Puts what the parser finds into the row.
  private static final class Fields extends AbstractBaseCsvCallbackHandler<Row> {
    private final String name;
    private final Row row;
    private long line = 1;

    Fields(String name, Row row) {
      this.name = name;
      this.row = row;
    }

    Place place() {
      return new Place(name, line);
    }

    @Override
    protected void handleBegin(long startingLineNumber) {
      line = startingLineNumber;
      row.begin(new Place(name, line));
    }

    @Override
    protected void handleField(int index, char[] buffer, int offset, int length, boolean quoted) {
      row.add(buffer, offset, length, Row.Kind.PLAIN);
    }

    @Override
    protected Row buildRecord() {
      return row;
    }
  }
}
