package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.HistoryArguments;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.SeedOption;
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
      "  unfold forecast model.safetensors sales.csv --known holidays.csv",
      "  unfold forecast steps.safetensors cpu.csv --paths 200 --ahead 48"
    })
public final class ForecastCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Mixin private HistoryArguments history;

  @Option(
      names = "--out",
      paramLabel = "FILE.csv",
      description = "Where the table goes (default: printed).")
  private Path out;

  @Option(
      names = "--paths",
      paramLabel = "N",
      description =
          "With a model of --horizon 1 --state carried: draw N paths step by step, each value read"
              + " as if it had come, and tell their quantiles (default: none).")
  private Integer paths;

  @Option(
      names = "--ahead",
      paramLabel = "STEPS",
      description = "How many steps --paths go on, one if nothing is said (default: none).")
  private Integer ahead;

  @Mixin private SeedOption seed;
  @Mixin private JsonOption json;
  @Mixin private BackendOption backend;

  @Override
  public void run() {
    if (out != null && json.isAsked()) {
      throw new Refusal("json", "no --out beside it", out);
    }
    if (paths == null && ahead != null) {
      throw new Refusal("ahead", "--paths beside it", ahead);
    }
    Forecaster forecaster = history.forecaster(backend.kernels());
    if (out != null) {
      List<String> by = forecaster.spec().columns().by();
      OutputFile.checkTable(out, ForecastTable.header(by, forecaster.output().levels()));
    }
    Panel panel = history.panel(forecaster);
    List<Forecast> forecasts =
        paths == null
            ? forecaster.forecast(panel)
            : forecaster.paths(panel, ahead == null ? 1 : ahead, paths, seed.value());
    int steps = paths == null ? forecaster.spec().horizon() : ahead == null ? 1 : ahead;
    forecaster
        .note(panel, steps)
        .ifPresent(note -> spec.commandLine().getErr().println("unfold: " + note));
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
          "%d forecasts of %d steps in %s%n",
          forecasts.size(), forecasts.getFirst().times().size(), out);
    }
  }
}
