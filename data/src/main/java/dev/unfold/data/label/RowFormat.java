package dev.unfold.data.label;

import dev.unfold.data.table.Table;
import dev.unfold.data.table.TableFile;
import dev.unfold.data.table.TableOptions;
import java.util.List;

/// A form of rows of a table, wherever that comes from.
public sealed interface RowFormat extends LabelFormat permits TextFormat, EventsFormat {
  /// Reads a table.
  LabelledData read(Table table, Labels labels);

  @Override
  default LabelledData read(List<TableFile> files, TableOptions options, Labels labels) {
    try (Table table = Table.read(files, options)) {
      return read(table, labels);
    }
  }
}
