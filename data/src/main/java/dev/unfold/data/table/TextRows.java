package dev.unfold.data.table;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.Charset;
import java.util.Optional;

/// A form of text.
interface TextRows {
  /// Begins a pass over all files.
  default void begin() {}

  /// Reads all rows of a file, in order.
  ///
  /// @param name of the file, for messages
  /// @param row what each row is put into
  /// @param next what is to be done when it is there
  void read(String name, Reader in, Row row, Runnable next) throws IOException;

  /// As [RowSource#form].
  String form(int columns);

  /// As [RowSource#layout].
  default Optional<SeriesLayout> layout() {
    return Optional.empty();
  }

  /// The same of files with characters of an encoding.
  default RowSource in(Charset encoding) {
    TextRows rows = this;
    return new RowSource() {
      @Override
      public void begin() {
        rows.begin();
      }

      @Override
      public void read(TableFile file, Row row, Runnable next) throws IOException {
        try (DecodedFile in = new DecodedFile(file, encoding)) {
          rows.read(file.name(), in, row, next);
        }
      }

      @Override
      public String form(int columns) {
        return rows.form(columns);
      }

      @Override
      public Optional<SeriesLayout> layout() {
        return rows.layout();
      }
    };
  }
}
