package dev.unfold.data.table;

import dev.hardwood.HardwoodContext;
import dev.hardwood.metadata.RepetitionType;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.schema.SchemaNode;
import dev.unfold.data.source.DataException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Rows of a Parquet file, whose schema says what the values of a column are. The line of a row is its number.
///
/// **Memory**: some pages of each column; and, as the file has them, all pages of a group of rows, of which no more
/// than 128 MiB a column are read at a time.
final class ParquetRows implements RowSource {
  /// How a Parquet file begins.
  static final byte[] START = {'P', 'A', 'R', '1'};

  /// What reads pages ahead of the row that is wanted.
  private static final int THREADS = 1;

  /// The reader tells how it was compiled, which nobody asked.
  private static final Logger QUIET = Logger.getLogger("dev.hardwood");

  /// The most characters that are told of what the reader says.
  private static final int LONGEST = 200;

  private final Header header;
  private final Set<String> missing;

  /// @param missing texts that mean that there is no value; numbers that they are mean it as well
  ParquetRows(Header header, Set<String> missing) {
    this.header = header;
    this.missing = missing;
  }

  @Override
  public String form(int columns) {
    return "Parquet";
  }

  @Override
  public void read(TableFile file, Row row, Runnable next) throws IOException {
    if (file.path() == null) {
      throw new DataException(file.name() + ": expected values as text, got Parquet");
    }
    if (!file.isRegular()) {
      throw new DataException(file.name() + ": expected a file, got none that can be looked into");
    }
    QUIET.setLevel(Level.WARNING);
    try (ParquetBytes bytes = attempt(file, 0, () -> ParquetBytes.of(file.path()));
        HardwoodContext context = HardwoodContext.create(THREADS);
        ParquetFileReader reader = attempt(file, 0, () -> ParquetFileReader.open(bytes, context))) {
      List<ParquetColumn> columns =
          attempt(
              file,
              0,
              () -> {
                List<ParquetColumn> all = columns(file, reader);
                ParquetPages.check(bytes, reader.getFileMetaData());
                return all;
              });
      names(file, columns);
      read(file, reader, columns, row, next);
    }
  }

  private static void read(
      TableFile file,
      ParquetFileReader reader,
      List<ParquetColumn> columns,
      Row row,
      Runnable next) {
    try (RowReader rows = attempt(file, 0, reader::rowReader)) {
      long count = reader.getFileMetaData().numRows();
      for (long number = 1; number <= count; number++) {
        long now = number;
        attempt(file, number, () -> expectOne(rows, now, count));
        Place place = new Place(file.name(), number);
        row.begin(place);
        attempt(
            file,
            number,
            () -> {
              rows.next();
              columns.forEach(column -> column.read(rows, row, place));
              return row;
            });
        next.run();
      }
    }
  }

  private static RowReader expectOne(RowReader rows, long number, long count) throws IOException {
    if (!rows.hasNext()) {
      throw new IOException("%d rows in place of %d".formatted(number - 1, count));
    }
    return rows;
  }

  /// What may fail of a file that is spoilt.
  private interface Attempt<T> {
    T run() throws IOException;
  }

  private static <T> T attempt(TableFile file, long row, Attempt<T> attempt) {
    try {
      return attempt.run();
    } catch (DataException e) {
      throw e;
    } catch (LinkageError | UnsupportedOperationException e) {
      throw spoilt(file, row, "a Parquet file of a kind that can be read here", e);
    } catch (IOException | RuntimeException e) {
      throw spoilt(file, row, "a Parquet file that is whole", e);
    }
  }

  /// What the reader met at last: it tells of its own pipeline first.
  private static DataException spoilt(TableFile file, long row, String expected, Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    if (root instanceof OutOfMemoryError e) {
      throw e;
    }
    String said = String.valueOf(root.getMessage()).lines().findFirst().orElse("");
    said = said.substring(0, Math.min(said.length(), LONGEST));
    String where = row == 0 ? "" : "row %d: ".formatted(row);
    return new DataException(
        "%s: %sexpected %s, got %s"
            .formatted(
                file.name(),
                where,
                expected,
                said.isEmpty() ? root.getClass().getSimpleName() : said),
        cause);
  }

  private List<ParquetColumn> columns(TableFile file, ParquetFileReader reader) throws IOException {
    List<ParquetColumn> columns = new ArrayList<>();
    for (SchemaNode node : reader.getFileSchema().getRootNode().children()) {
      boolean isSingle =
          node instanceof SchemaNode.PrimitiveNode
              && node.repetitionType() != RepetitionType.REPEATED;
      if (!isSingle) {
        throw new DataException(
            "%s: column %s: expected a value a row, got lists or columns within it"
                .formatted(file.name(), Place.shown(node.name())));
      }
      columns.add(
          ParquetColumn.of(file.name(), columns.size(), (SchemaNode.PrimitiveNode) node, missing));
    }
    if (columns.isEmpty() || columns.size() != reader.getFileSchema().getColumnCount()) {
      throw new IOException("wrong number of columns");
    }
    return columns;
  }

  /// Takes the names of the first file, which those of others have to be.
  private void names(TableFile file, List<ParquetColumn> columns) {
    Row names = new Row();
    names.begin(new Place(file.name(), 1));
    for (ParquetColumn column : columns) {
      char[] name = column.name().toCharArray();
      names.add(name, 0, name.length, Row.Kind.STRING);
    }
    header.take(names);
  }
}
