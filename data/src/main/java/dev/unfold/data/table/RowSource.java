package dev.unfold.data.table;

import java.io.IOException;
import java.util.Optional;

/// A form in which a file holds rows.
interface RowSource {
  /// Begins a pass over all files.
  default void begin() {}

  /// Reads all rows of a file, in order.
  ///
  /// @param row what each row is put into
  /// @param next what is to be done when it is there
  void read(TableFile file, Row row, Runnable next) throws IOException;

  /// What people call it.
  ///
  /// @param columns how many there are
  String form(int columns);

  /// Which columns are what, if the form says so; known when a file was read.
  default Optional<SeriesLayout> layout() {
    return Optional.empty();
  }
}
