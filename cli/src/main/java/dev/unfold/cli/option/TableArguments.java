package dev.unfold.cli.option;

import dev.unfold.data.table.Table;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Files that are a table, and what is said about how they are written.
public final class TableArguments {
  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description =
          "CSV, TSV, JSON lines, Parquet or .tsf; several files with the same columns are one"
              + " table, and - is standard input. None are needed beside --sql.")
  private List<Path> files = List.of();

  @Mixin private TableForm form;

  /// The table, to be closed.
  public Table read() {
    return form.read(files);
  }
}
