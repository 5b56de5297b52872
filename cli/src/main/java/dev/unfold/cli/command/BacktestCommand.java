package dev.unfold.cli.command;

import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.HistoryArguments;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.report.BacktestReport;
import dev.unfold.data.series.Panel;
import dev.unfold.run.series.Backtest;
import dev.unfold.run.series.Forecaster;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `unfold backtest`
@Command(
    name = "backtest",
    description = {
      "Foresees what is known by now, from origins that follow each other, and tells how good that"
          + " is beside the seasonal naive method. A part that the model has not learned from is"
          + " kept for it with unfold train series --holdout N.",
      ""
    },
    footer = {"Example:", "  unfold backtest model.safetensors sales.csv --folds 8"})
public final class BacktestCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Mixin private HistoryArguments history;

  @Option(
      names = "--folds",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Windows of each series, the last of which ends with it (default: ${DEFAULT-VALUE}).")
  private int folds;

  @Option(
      names = "--stride",
      paramLabel = "N",
      description = "Steps between two windows (default: the horizon).")
  private Integer stride;

  @Option(
      names = "--season",
      paramLabel = "M",
      description =
          "Steps by which errors are scaled, and of the seasonal naive method (default: the model's"
              + " season).")
  private Integer season;

  @Mixin private JsonOption json;
  @Mixin private BackendOption backend;

  @Override
  public void run() {
    Forecaster forecaster = history.forecaster(backend.kernels());
    Panel panel = history.panel(forecaster);
    int steps = stride == null ? forecaster.spec().horizon() : stride;
    Backtest tested =
        Backtest.of(
            forecaster, panel, folds, steps, season == null ? forecaster.spec().season() : season);
    BacktestReport report = new BacktestReport(forecaster, tested);
    if (json.isAsked()) {
      report.json(spec.commandLine().getOut());
    } else {
      report.print(spec.commandLine().getOut());
    }
  }
}
