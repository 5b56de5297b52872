package dev.unfold.cli.bench;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.ForecastArguments;
import dev.unfold.cli.option.InitialArguments;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.NetworkArguments;
import dev.unfold.cli.option.PanelArguments;
import dev.unfold.cli.option.SeriesDefaults;
import dev.unfold.cli.option.TableForm;
import dev.unfold.cli.option.ThreadsOption;
import dev.unfold.cli.option.TrainingArguments;
import dev.unfold.data.series.Panel;
import dev.unfold.data.table.Table;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.kernels.work.Team;
import dev.unfold.measure.TimedData;
import dev.unfold.measure.TimedKernels;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.init.Initialization;
import dev.unfold.run.Interrupts;
import dev.unfold.run.MemoryLimit;
import dev.unfold.run.job.IdleOptions;
import dev.unfold.run.output.FailureException;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Wording;
import dev.unfold.run.series.SeriesTask;
import dev.unfold.train.Evaluation;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingException;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.TrainingResult;
import dev.unfold.train.Validator;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `unfold bench train`
@Command(
    name = "train",
    description = {
      "Measures `train series` from the file to the updated weights: what its parts take, in rows,"
          + " steps and seconds. Nothing is saved.",
      "",
      "Reading is what finds columns and series; preparing, what follows from them, such as season"
          + " and scale; batching makes the windows of an update. Kernels are the backend's"
          + " operations, a thread's mean; rest is what remains of an update, such as random masks"
          + " and threads that wait for each other. Nothing is warmed up beforehand, as for any"
          + " run.",
      ""
    },
    defaultValueProvider = BenchTrainCommand.Defaults.class,
    footer = {
      "",
      "Examples:",
      "  unfold bench train --horizon 24 --hidden 64 --batch 64",
      "  unfold bench train sales.csv --by store --target sales --horizon 28 --epochs 40"
    })
final class BenchTrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description =
          "As for train series (default: a file of random walks is made, with columns time, y and"
              + " x1 to x9, of which y is foreseen and the others are --past).")
  private List<Path> files = List.of();

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Rows of the file that is made (default: ${DEFAULT-VALUE}).")
  private int rows;

  @Mixin private TableForm form;
  @Mixin private PanelArguments panel;
  @Mixin private ForecastArguments forecast;
  @Mixin private NetworkArguments networkArguments;
  @Mixin private TrainingArguments trainingArguments;
  @Mixin private InitialArguments initial;
  @Mixin private ThreadsOption threads;
  @Mixin private BackendOption backend;
  @Mixin private JsonOption json;

  private record Line(
      long rows,
      int columns,
      int hidden,
      int batch,
      int steps,
      int threads,
      String backend,
      long updates,
      double rowsPerSecond,
      double stepsPerSecond,
      double seconds,
      Map<String, Double> parts) {}

  @Override
  public Integer call() {
    if (rows < 1000 || rows > 100_000_000) {
      throw new Refusal("rows", "1,000 to 100,000,000", rows);
    }
    Team team = threads.team();
    TimedKernels kernels = new TimedKernels(backend.kernels());
    Initialization initialization = initial.initialization(networkArguments.cells());
    trainingArguments.options(1);
    forecast.options();
    if (!files.isEmpty() || form.isQuery()) {
      return measure(files, team, kernels, initialization);
    }
    try (WalksFile made = WalksFile.make(rows, initial.seed())) {
      return measure(List.of(made.path()), team, kernels, initialization);
    }
  }

  private int measure(
      List<Path> of, Team team, TimedKernels kernels, Initialization initialization) {
    Map<String, Double> parts = new LinkedHashMap<>();
    long begun = System.nanoTime();
    SeriesTask task;
    long read;
    int columns;
    try (Table table = form.read(of)) {
      read = table.rowCount();
      Panel series = read(table);
      columns = series.numbers().size() + series.texts().size();
      parts.put("reading", since(begun));
      long prepared = System.nanoTime();
      task =
          new SeriesTask(
              series,
              forecast.options(),
              forecast.output(),
              kernels.precision(),
              initial.seed(),
              List.of());
      parts.put("preparing", since(prepared));
    }
    TrainingOptions usual = trainingArguments.options(task.spec().steps());
    NetworkSpec network =
        panel.started(networkArguments.spec(task.encoder(), task.head(), task.usualHidden()), task);
    IdleOptions.check(network, initialization, usual);
    long whole =
        Footprint.of(
            network,
            kernels.precision(),
            usual.steps(),
            usual.sequences(task.batch(usual)),
            new Engine.Full());
    TrainingOptions options = trainingArguments.inMemory(usual, whole);
    Network trained = Network.create(network, kernels, initial.seed(), initialization);
    MemoryLimit.check(
        other -> task.memory(network, kernels.precision(), other),
        trained,
        options,
        task.batch(options));
    TimedData data = new TimedData(task.training(options));
    double[] validating = new double[2];
    Validator validator = task.validator();
    Validator timed =
        (evaluated, by) -> {
          long from = System.nanoTime();
          double kernelsBefore = kernels.seconds();
          Evaluation evaluation = validator.evaluate(evaluated, by);
          validating[0] += since(from);
          validating[1] += kernels.seconds() - kernelsBefore;
          return evaluation;
        };
    Trainer trainer = new Trainer(trained, options, initial.seed(), team, _ -> {});
    long trainingBegun = System.nanoTime();
    double kernelsBefore = kernels.seconds();
    TrainingResult result;
    int code;
    try (Interrupts interrupts = Interrupts.catching(trainer::stop)) {
      result = trainer.run(data, timed);
      code = interrupts.exitCode();
    } catch (TrainingException e) {
      throw new FailureException(e.getMessage(), e);
    }
    double training = since(trainingBegun) - validating[0];
    double computing = (kernels.seconds() - kernelsBefore - validating[1]) / team.size();
    parts.put("batching", data.seconds());
    parts.put("kernels", computing);
    parts.put("rest", training - data.seconds() - computing);
    parts.put("validating", validating[0]);
    double seconds = since(begun);
    print(
        new Line(
            read,
            columns,
            network.hidden(),
            data.batch(),
            data.steps(),
            team.size(),
            kernels.name(),
            result.updates(),
            read / parts.get("reading"),
            data.rows() / training,
            seconds,
            parts));
    return code;
  }

  private Panel read(Table table) {
    boolean isSaid = spec.commandLine().getParseResult().hasMatchedOption("--target");
    return files.isEmpty() && !form.isQuery() && !isSaid
        ? Panel.read(table, WalksFile.columns())
        : panel.read(table);
  }

  private static double since(long begun) {
    return (System.nanoTime() - begun) / 1e9;
  }

  private void print(Line line) {
    PrintWriter out = spec.commandLine().getOut();
    if (json.isAsked()) {
      Json.print(out, line);
      return;
    }
    out.printf(
        "series    %,d rows, %s beside the time%n",
        line.rows, Wording.count(line.columns, "column"));
    out.printf(
        "network   H=%d B=%d T=%d  %s, %s backend%n",
        line.hidden, line.batch, line.steps, Wording.count(line.threads, "thread"), line.backend);
    out.printf(
        "speed     %,.0f rows/s read, %,.0f steps/s in %s, %.1f s in all%n",
        line.rowsPerSecond,
        line.stepsPerSecond,
        Wording.count(line.updates, "update"),
        line.seconds);
    line.parts.forEach((part, seconds) ->
        out.printf("%-12s %8.2f s  %5.1f %%%n", part, seconds, 100 * seconds / line.seconds));
    out.flush();
  }

  /// As for `train series`, but that no run ends early.
  static final class Defaults implements IDefaultValueProvider {
    private final SeriesDefaults series = new SeriesDefaults();
    private final TrainingArguments.Defaults others = new TrainingArguments.Defaults();

    @Override
    public String defaultValue(ArgSpec argument) throws Exception {
      boolean isPatience =
          argument instanceof OptionSpec option && option.longestName().equals("--patience");
      return isPatience ? others.defaultValue(argument) : series.defaultValue(argument);
    }
  }
}
