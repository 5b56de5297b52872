package dev.unfold.data.table;

import java.io.IOException;
import java.io.Reader;

/// A form in which a file holds rows.
interface RowSource {
  /// Begins a pass over all files.
  default void begin() {}

  /// Reads all rows of a file, in order.
  ///
  /// @param name of the file, for messages
  /// @param row what each row is put into
  /// @param next what is to be done when it is there
  void read(String name, Reader in, Row row, Runnable next) throws IOException;
}
