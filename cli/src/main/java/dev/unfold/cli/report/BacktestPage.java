package dev.unfold.cli.report;

import dev.unfold.data.series.Panel;
import dev.unfold.data.source.DataException;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.LayerText;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.inspect.Inspection;
import dev.unfold.run.inspect.InspectionData;
import dev.unfold.run.inspect.InspectionMeter;
import dev.unfold.run.output.OutputFile;
import dev.unfold.run.output.Wording;
import dev.unfold.run.report.SeriesPage;
import dev.unfold.run.series.Backtest;
import dev.unfold.run.series.Forecaster;
import dev.unfold.run.series.InputWorth;
import dev.unfold.sequence.Batch;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Writes the page about a backtest.
///
/// @param forecaster that is told of, the last if there are several
/// @param panel that it was tested on
/// @param backtest what came of it
/// @param folds windows of each series that this forecaster was tested on
/// @param stride steps between them
/// @param seed of what is drawn
public record BacktestPage(
    Forecaster forecaster, Panel panel, Backtest backtest, int folds, int stride, long seed) {
  /// Windows to follow errors on: so many batches of so many.
  private static final int BATCHES = 4;

  private static final int BATCH = 4;

  /// Errors that are followed, and steps that they are followed over, at most.
  private static final int ERRORS = 24;

  private static final int LONGEST = 768;

  /// Writes it.
  ///
  /// @param command as it was typed
  /// @param files the names of the tables
  /// @param trained until when models were trained
  public void write(Path page, String command, String files, List<String> trained, Team team) {
    NetworkSpec network = forecaster.network().spec();
    Optional<InspectionData> windows = windows();
    Optional<Inspection> flow =
        windows.map(data ->
            InspectionMeter.of(forecaster.network(), team, data)
                .withLast(forecaster.spec().horizon(), ERRORS)
                .measure("", ""));
    SeriesPage.About about =
        new SeriesPage.About(
            command,
            files,
            "%s, hidden %d, %s, horizon %d, context %d, scale %s, output %s"
                .formatted(
                    LayerText.of(network),
                    network.hidden(),
                    Wording.count(network.layers(), "layer"),
                    forecaster.spec().horizon(),
                    forecaster.spec().context(),
                    forecaster.spec().scale().text(),
                    forecaster.output().text()),
            trained,
            flow(windows));
    OutputFile.write(
        page,
        new SeriesPage(
                backtest,
                panel,
                forecaster.spec(),
                about,
                InputWorth.of(forecaster, panel, folds, stride, seed),
                flow)
            .html());
  }

  /// Empty where there are none, or where it would take too long.
  private Optional<InspectionData> windows() {
    if (forecaster.spec().steps() > LONGEST) {
      return Optional.empty();
    }
    try {
      List<Batch> batches = forecaster.batches(panel, BATCH, BATCHES);
      return Optional.of(new InspectionData(batches, Optional.empty(), Optional.empty()));
    } catch (DataException _) {
      return Optional.empty();
    }
  }

  private String flow(Optional<InspectionData> windows) {
    int steps = forecaster.spec().steps();
    if (steps > LONGEST) {
      return "It is not measured here for windows of more than %d steps; unfold inspect does."
          .formatted(LONGEST);
    }
    return windows
        .map(data ->
            ("The errors of the steps of the horizon go back through its steps and those of the"
                    + " context, %d steps in all, the first of which is 0: measured on %s of %s.")
                .formatted(
                    steps,
                    Wording.count(data.batches().size(), "batch").replace("batchs", "batches"),
                    Wording.count(data.batches().getFirst().batch(), "window")))
        .orElse("No series is as long as a window, so there is nothing to follow errors on.");
  }
}
