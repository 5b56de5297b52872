package dev.unfold.data.table;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.unfold.data.source.DataException;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;

/// Rows of values with a sign between them. Blank lines are left out.
final class CsvRows implements RowSource {
  /// A character that no text has, in place of a quote where nothing is one.
  private static final char NEVER = '\uFFFF';

  /// The most characters of a value, and a little more.
  private static final int LONGEST_FIELD = 1 << 22;

  private final Dialect dialect;
  private final Header header;

  /// Whether the first row of each file has the names of columns.
  private final boolean hasNames;

  CsvRows(Dialect dialect, Header header, boolean hasNames) {
    this.dialect = dialect;
    this.header = header;
    this.hasNames = hasNames;
  }

  Dialect dialect() {
    return dialect;
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
      boolean isFirst = hasNames;
      for (Row each : reader) {
        if (isFirst) {
          isFirst = false;
          names(each);
        } else {
          expectWidth(each);
          next.run();
        }
      }
    } catch (CsvParseException e) {
      throw unusable(fields, e);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void names(Row row) {
    if (header.size() > 0) {
      header.expectSame(row);
      return;
    }
    for (int i = 0; i < row.width(); i++) {
      header.add(row.text(i), row.place());
    }
  }

  private void expectWidth(Row row) {
    if (row.width() != header.size()) {
      throw row.place()
          .refusal(
              "%,d values, as there are columns".formatted(header.size()),
              "%,d, the first %s"
                  .formatted(row.width(), row.width() == 0 ? "none" : Place.shown(row.text(0))));
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
