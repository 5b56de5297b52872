package dev.unfold.data.table;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;

/// Writes rows as CSV, with commas between values and quotes where a value needs them.
public final class CsvText implements AutoCloseable {
  private final CsvWriter rows;

  /// What writes to `out`, a line break after each row.
  public CsvText(Writer out) {
    rows = CsvWriter.builder().lineDelimiter(de.siegmar.fastcsv.writer.LineDelimiter.LF).build(out);
  }

  /// Writes a row.
  public void row(Iterable<String> values) {
    rows.writeRecord(values);
  }

  /// Closes what is written to.
  @Override
  public void close() {
    try {
      rows.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
