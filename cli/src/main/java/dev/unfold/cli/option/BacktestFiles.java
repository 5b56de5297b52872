package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.data.series.Panel;
import dev.unfold.data.table.Table;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.run.series.Forecaster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Tables of series to test on, and before them, if there is one, the model that is tested: what is in a file tells
/// which it is, and not its name.
public final class BacktestFiles {
  @Parameters(
      arity = "0..*",
      paramLabel = "MODEL|FILE",
      description =
          "A model of series and tables to test it on; or tables alone: models are trained on what"
              + " lies before the folds, with the options of unfold train series. CSV, TSV, JSON"
              + " lines, Parquet or .tsf; several files are one table, and - is standard input."
              + " None beside --jdbc.")
  private List<Path> files = List.of();

  @Mixin private TableForm form;

  /// The file of a model, if the first is one.
  public Optional<Path> model() {
    return files.stream()
        .limit(1)
        .filter(first -> Files.isRegularFile(first) && ModelFile.isModel(first))
        .findFirst();
  }

  /// The names of the tables; of a query that is about none, what it is called.
  public List<String> names() {
    List<String> names =
        files.stream().skip(model().isPresent() ? 1 : 0).map(Path::toString).toList();
    return names.isEmpty() ? List.of("query") : names;
  }

  /// The table, to be closed.
  public Table read() {
    return form.read(files);
  }

  /// The series, as a model reads them.
  ///
  /// @param known tables with what is known of the future
  public Panel panel(Forecaster forecaster, List<Path> known) {
    List<Path> tables = files.subList(1, files.size());
    if (tables.isEmpty() && !form.isQuery()) {
      throw new Refusal("FILE", "a table beside the model", "none");
    }
    return form.panel(forecaster, tables, known);
  }
}
