package dev.unfold.cli.option;

import dev.unfold.data.series.Panel;
import dev.unfold.kernels.Kernels;
import dev.unfold.run.series.Forecaster;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// A model of series, and tables of the columns that it was trained on.
public final class HistoryArguments {
  @Parameters(index = "0", paramLabel = "MODEL", description = "A model of series.")
  private Path model;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "FILE",
      description =
          "Tables of such series: CSV, TSV, JSON lines, Parquet or .tsf; several files with the"
              + " same columns are one table, and - is standard input. None are needed beside"
              + " --sql.")
  private List<Path> files = List.of();

  @Mixin private TableForm form;
  @Mixin private WeightsOption weights;

  @Option(
      names = "--known",
      paramLabel = "FILE",
      split = ",",
      description =
          "Tables with what is known of the future, if FILE has it not: rows of later times,"
              + " without the targets.")
  private List<Path> known = List.of();

  /// The model.
  public Forecaster forecaster(Kernels kernels) {
    return Forecaster.of(model, weights.load(model, kernels));
  }

  /// The series, as the model reads them.
  public Panel panel(Forecaster forecaster) {
    return form.panel(forecaster, files, known);
  }
}
