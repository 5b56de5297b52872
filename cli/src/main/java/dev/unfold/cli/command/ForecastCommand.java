package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.HistoryArguments;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.data.series.Panel;
import dev.unfold.run.output.OutputFile;
import dev.unfold.run.series.Forecast;
import dev.unfold.run.series.ForecastTable;
import dev.unfold.run.series.Forecaster;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `unfold forecast`
@Command(
    name = "forecast",
    description = {
      "Foresees what comes after the last rows of each series: mean and quantiles of each step, as"
          + " a table.",
      ""
    },
    footer = {
      "Examples:",
      "  unfold forecast model.safetensors sales.csv --out forecast.csv",
      "  unfold forecast model.safetensors sales.csv --known holidays.csv"
    })
public final class ForecastCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Mixin private HistoryArguments history;

  @Option(
      names = "--out",
      paramLabel = "FILE.csv",
      description = "Where the table goes (default: printed).")
  private Path out;

  @Mixin private JsonOption json;
  @Mixin private BackendOption backend;

  @Override
  public void run() {
    if (out != null && json.isAsked()) {
      throw new Refusal("json", "no --out beside it", out);
    }
    Forecaster forecaster = history.forecaster(backend.kernels());
    if (out != null) {
      List<String> by = forecaster.spec().columns().by();
      OutputFile.checkTable(out, ForecastTable.header(by, forecaster.output().levels()));
    }
    Panel panel = history.panel(forecaster);
    List<Forecast> forecasts = forecaster.forecast(panel);
    ForecastTable table =
        new ForecastTable(panel.columns().by(), forecaster.output().levels(), forecasts);
    PrintWriter writer = spec.commandLine().getOut();
    if (json.isAsked()) {
      table.json(writer);
    } else if (out == null) {
      table.csv(writer);
    } else {
      table.write(out);
      writer.printf(
          "%d forecasts of %d steps in %s%n", forecasts.size(), forecaster.spec().horizon(), out);
    }
  }
}
