package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.BacktestFiles;
import dev.unfold.cli.option.ForecastArguments;
import dev.unfold.cli.option.InitialArguments;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.NetworkArguments;
import dev.unfold.cli.option.PanelArguments;
import dev.unfold.cli.option.ReportOption;
import dev.unfold.cli.option.SeriesDefaults;
import dev.unfold.cli.option.ThreadsOption;
import dev.unfold.cli.option.TrainingArguments;
import dev.unfold.cli.option.WeightsOption;
import dev.unfold.cli.report.BacktestPage;
import dev.unfold.cli.report.BacktestReport;
import dev.unfold.cli.report.FoldLines;
import dev.unfold.data.series.Panel;
import dev.unfold.data.source.Source;
import dev.unfold.data.table.Table;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.init.Initialization;
import dev.unfold.run.MemoryLimit;
import dev.unfold.run.job.IdleOptions;
import dev.unfold.run.output.FailureException;
import dev.unfold.run.output.OutputFile;
import dev.unfold.run.series.Backtest;
import dev.unfold.run.series.Forecaster;
import dev.unfold.run.series.Output;
import dev.unfold.run.series.SeriesOptions;
import dev.unfold.run.series.SeriesSpec;
import dev.unfold.run.series.SeriesTask;
import dev.unfold.run.series.TrainedBacktest;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingException;
import dev.unfold.train.TrainingOptions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `unfold backtest`
@Command(
    name = "backtest",
    description = {
      "Foresees what is known by now, from origins that follow each other, and tells how good that"
          + " is beside the seasonal naive method.",
      "",
      "With a MODEL: a part that it has not learned from is kept for it with unfold train series"
          + " --holdout N, and --known names tables, as with unfold forecast. Without one a model"
          + " is trained as unfold train series does, on what lies before the first fold, and with"
          + " --refit again before later ones; it is kept nowhere.",
      ""
    },
    defaultValueProvider = SeriesDefaults.class,
    footer = {
      "Examples:",
      "  unfold backtest model.safetensors sales.csv --folds 8",
      "  unfold backtest sales.csv --time date --target sales --horizon 28 --folds 8 --refit 4"
    })
public final class BacktestCommand implements Runnable {
  /// Options of training that say something of a model that is there as well.
  private static final Set<String> OF_MODELS = Set.of("--known", "--season", "--seed");

  /// What the options of training are mixed in as.
  private static final List<String> TRAINING =
      List.of("panel", "forecast", "network", "training", "initial");

  @Spec private CommandSpec spec;

  @Mixin private BacktestFiles files;

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
      names = "--refit",
      paramLabel = "N",
      description =
          "Without a model: train again before every Nth window, on all that is known by then"
              + " (default: never).")
  private Integer refit;

  @Option(
      names = "--scores",
      paramLabel = "FILE",
      description = "Write all scores, those of each series among them, as JSON.")
  private Path scores;

  @Mixin private ReportOption report;
  @Mixin private PanelArguments panel;
  @Mixin private ForecastArguments forecast;
  @Mixin private NetworkArguments network;
  @Mixin private TrainingArguments training;
  @Mixin private InitialArguments initial;
  @Mixin private JsonOption json;
  @Mixin private ThreadsOption threads;
  @Mixin private WeightsOption weights;
  @Mixin private BackendOption backend;

  /// What was tested, and on what.
  ///
  /// @param recent folds that the last forecaster was tested on
  private record Result(
      Forecaster forecaster, Panel panel, Backtest backtest, List<String> trained, int recent) {}

  @Override
  public void run() {
    Optional<Path> page = report.file();
    if (scores != null) {
      OutputFile.checkKind("scores", scores, BacktestReport.START);
      if (page.isPresent() && page.get().toAbsolutePath().equals(scores.toAbsolutePath())) {
        throw new Refusal("scores", "another file than that of --report", scores);
      }
    }
    Result result = files.model().map(this::tested).orElseGet(this::trained);
    BacktestReport told = new BacktestReport(result.forecaster(), result.backtest());
    PrintWriter out = spec.commandLine().getOut();
    if (scores != null) {
      told.write(scores);
    }
    if (json.isAsked()) {
      told.json(out);
    } else {
      told.print(out);
    }
    out.flush();
    page.ifPresent(file ->
        new BacktestPage(
                result.forecaster(),
                result.panel(),
                result.backtest(),
                result.recent(),
                stride(result.forecaster().spec().horizon()),
                initial.seed())
            .write(
                file,
                report.command(),
                String.join(", ", files.names()),
                result.trained(),
                threads.team()));
    if (!json.isAsked()) {
      page.ifPresent(file -> out.printf("%npage      %s%n", file));
    }
  }

  private int stride(int horizon) {
    return stride == null ? horizon : stride;
  }

  private Result tested(Path model) {
    expectNothingOfTraining(model);
    OptionalInt season = forecast.season();
    Forecaster forecaster = Forecaster.of(model, weights.load(model, backend.kernels()));
    Panel series = files.panel(forecaster, panel.known().stream().map(Path::of).toList());
    SeriesSpec own = forecaster.spec();
    Backtest tested =
        Backtest.of(forecaster, series, folds, stride(own.horizon()), season.orElse(own.season()));
    return new Result(forecaster, series, tested, List.of("until " + own.until()), folds);
  }

  private void expectNothingOfTraining(Path model) {
    if (refit != null) {
      throw new Refusal("refit", "tables alone, to train on", "the model " + model);
    }
    for (String mixin : TRAINING) {
      for (OptionSpec option : spec.mixins().get(mixin).options()) {
        String name = option.longestName();
        boolean isGiven = spec.commandLine().getParseResult().hasMatchedOption(name);
        if (isGiven && !OF_MODELS.contains(name)) {
          throw new Refusal(
              name.replaceFirst("^--", ""), "tables alone, to train on", "the model " + model);
        }
      }
    }
  }

  private Result trained() {
    if (weights.isGiven()) {
      throw new Refusal("weights", "a MODEL to use", "tables alone, to train on");
    }
    Output output = forecast.output();
    SeriesOptions asked = forecast.options();
    if (asked.holdout() > 0) {
      throw new Refusal("holdout", "none, since folds are held out", asked.holdout());
    }
    TrainedBacktest.Folds tested =
        new TrainedBacktest.Folds(
            folds,
            stride(asked.horizon()),
            refit == null ? OptionalInt.empty() : OptionalInt.of(refit));
    TrainingOptions given = training.options(1);
    if (training.updateEvery() > 0) {
      network.withoutMasks();
    }
    NetworkSpec checked = network.spec(new Encoder.Vectors(1), output.head(), 1);
    Initialization initialization = initial.initialization(network.cells());
    IdleOptions.check(checked, initialization, given);
    Team team = threads.team();
    Kernels kernels = backend.kernels();
    Panel series;
    List<Source> sources;
    try (Table read = files.read()) {
      sources = read.sources();
      series = panel.read(read);
    }
    FoldLines lines =
        new FoldLines(spec.commandLine().getOut(), json.isAsked(), tested.trainings());
    TrainedBacktest result =
        TrainedBacktest.of(
            series,
            asked.horizon(),
            tested,
            asked.season(),
            holdout -> {
              SeriesTask task =
                  new SeriesTask(
                      series,
                      asked.withHoldout(holdout),
                      output,
                      kernels.precision(),
                      initial.seed(),
                      sources);
              return train(task, initialization, kernels, team, lines);
            });
    List<String> until =
        result.forecasters().stream().map(each -> "until " + each.spec().until()).toList();
    int recent = folds - (tested.trainings() - 1) * tested.refit().orElse(folds);
    return new Result(result.forecasters().getLast(), series, result.backtest(), until, recent);
  }

  private Forecaster train(
      SeriesTask task, Initialization initialization, Kernels kernels, Team team, FoldLines lines) {
    NetworkSpec own =
        panel.started(network.spec(task.encoder(), task.head(), task.usualHidden()), task);
    Network made = Network.create(own, kernels, initial.seed(), initialization);
    TrainingOptions usual = training.options(task.spec().steps());
    int batch = task.batch(usual);
    long whole =
        Footprint.of(
            own, kernels.precision(), usual.steps(), usual.sequences(batch), new Engine.Full());
    TrainingOptions options = training.inMemory(usual, whole);
    MemoryLimit.check(other -> task.memory(own, kernels.precision(), other), made, options, batch);
    lines.begin(task);
    try {
      Trainer trainer = new Trainer(made, options, initial.seed(), team, lines::event);
      lines.end(task, trainer.run(task.training(options), task.validator()));
    } catch (TrainingException e) {
      throw new FailureException(e.getMessage() + "; no model was trained", e);
    }
    return task.uncalibrated(made);
  }
}
