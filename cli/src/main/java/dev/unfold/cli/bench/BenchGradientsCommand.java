package dev.unfold.cli.bench;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.BatchOption;
import dev.unfold.cli.option.CellArguments;
import dev.unfold.cli.option.HiddenOption;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.RepetitionsOption;
import dev.unfold.cli.option.RulesOption;
import dev.unfold.cli.option.SeedOption;
import dev.unfold.cli.option.SvgOption;
import dev.unfold.cli.option.ThreadsOption;
import dev.unfold.flow.RuleMeter;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.measure.Times;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.online.OnlineGradient;
import dev.unfold.online.OnlineRule;
import dev.unfold.run.MemoryLimit;
import dev.unfold.run.generated.AddingProblem;
import dev.unfold.run.generated.CopyingMemory;
import dev.unfold.run.generated.GeneratedTask;
import dev.unfold.run.generated.Parity;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Wording;
import dev.unfold.sequence.Batch;
import dev.unfold.train.Budget;
import dev.unfold.train.DataValidator;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingEvent;
import dev.unfold.train.TrainingOptions;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `unfold bench gradients`
@Command(
    name = "gradients",
    description = {
      "Compares the gradients of online rules with the exact one, for a cell and a task: cosine,",
      "relative error, noise from one draw of random signs to the next, memory, and time a step.",
      "",
      "The rules take turns; the medians of their times are told. Those that the cell can't learn",
      "by are left out."
    },
    footer = {
      "",
      "Example: unfold bench gradients --cell lstm --hidden 32 --task parity --updates 500 --svg"
          + " g.svg"
    })
final class BenchGradientsCommand implements Callable<Integer> {
  private static final String BPTT = "bptt";

  /// What is smaller is rounding, or nothing: a picture over a logarithmic axis needs a number.
  private static final double LEAST_ERROR = 1e-7;

  @Spec private CommandSpec spec;

  @Mixin private CellArguments cellArguments;
  @Mixin private final HiddenOption hidden = new HiddenOption(32);
  @Mixin private final BatchOption batch = new BatchOption(8);

  @Option(
      names = "--task",
      paramLabel = "NAME",
      defaultValue = "parity",
      description = "parity, adding or copying (default: ${DEFAULT-VALUE}).")
  private String task;

  @Option(
      names = "--length",
      paramLabel = "T",
      defaultValue = "64",
      description = "Steps of a sequence; of copying, blank ones (default: ${DEFAULT-VALUE}).")
  private int length;

  @Option(
      names = "--updates",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Train the network by back-propagation for N updates first (default: ${DEFAULT-VALUE}).")
  private int updates;

  @Mixin
  private final RulesOption rules = new RulesOption(OnlineRule.names().toArray(String[]::new));

  @Option(
      names = "--batches",
      paramLabel = "N",
      defaultValue = "8",
      description = "Batches to measure on (default: ${DEFAULT-VALUE}).")
  private int batches;

  @Option(
      names = "--draws",
      paramLabel = "N",
      defaultValue = "16",
      description = "Draws of random signs, for rules that have them (default: ${DEFAULT-VALUE}).")
  private int draws;

  @Mixin private final RepetitionsOption repetitions = new RepetitionsOption(9);

  @Mixin private SvgOption svg;

  @Mixin private SeedOption seed;
  @Mixin private ThreadsOption threads;
  @Mixin private BackendOption backend;
  @Mixin private JsonOption json;

  /// What was found of a rule; of back-propagation memory and time alone.
  private record Line(
      String rule,
      Double cosine,
      Double cosineBy,
      Double error,
      Double errorBy,
      Double noise,
      long bytes,
      double secondsPerStep) {}

  private record Left(String rule, String leftOut) {}

  @Override
  public Integer call() {
    svg.check();
    Expect.positive("batches", "N", batches);
    Expect.positive("draws", "N", draws);
    int rounds = repetitions.count();
    if (updates < 0) {
      throw new Refusal("updates", "0 or more", updates);
    }
    rules.names();
    Kernels kernels = backend.kernels();
    Team team = threads.team();
    GeneratedTask data = task(kernels);
    NetworkSpec made =
        new NetworkSpec(cellArguments.cell(), data.encoder(), hidden.count(), 1, data.head());
    Map<String, OnlineRule> usable = usable(made, kernels);
    Network network = Network.create(made, kernels, seed.value());
    train(network, data, team);
    if (!json.isAsked()) {
      out()
          .printf(
              "%s  H=%d B=%d, %s of %d steps, %s, %s%n",
              made.cellNames(),
              made.hidden(),
              data.batch(),
              task,
              data.steps(),
              updates == 0 ? "not trained" : "after " + Wording.count(updates, "update"),
              Wording.count(team.size(), "thread"));
      out()
          .printf(
              "%-14s  %-18s  %-18s  %8s  %10s  %10s%n",
              "rule", "cosine", "relative error", "noise", "memory", "us a step");
    }
    List<Line> lines = measure(network, usable, data, team, rounds);
    lines.forEach(this::print);
    svg.write(() -> picture(lines));
    return 0;
  }

  private GeneratedTask task(Kernels kernels) {
    return switch (task) {
      case "parity" -> new Parity(length, batch.count(), seed.value());
      case "adding" -> new AddingProblem(length, batch.count(), kernels.precision(), seed.value());
      case "copying" -> new CopyingMemory(length, batch.count(), seed.value());
      default -> throw new Refusal("task", "parity, adding or copying", task);
    };
  }

  /// Those that a network of `made` can learn by, and that fit into memory.
  private Map<String, OnlineRule> usable(NetworkSpec made, Kernels kernels) {
    Map<String, OnlineRule> usable = new LinkedHashMap<>();
    for (String name : rules.usable(made, this::leaveOut)) {
      OnlineRule rule = OnlineRule.parse(name, seed.value(), made.outputs());
      MemoryLimit.check(
          Footprint.of(made, kernels.precision(), 1, batch.count(), new Engine.Online(name, 1)),
          name + " for H=" + made.hidden() + " and B=" + batch.count());
      usable.put(name, rule);
    }
    return usable;
  }

  private void leaveOut(String rule, String reason) {
    if (json.isAsked()) {
      Json.print(out(), new Left(rule, reason));
    } else {
      spec.commandLine().getErr().printf("unfold: %s is left out: %s%n", rule, reason);
    }
  }

  private void train(Network network, GeneratedTask data, Team team) {
    if (updates == 0) {
      return;
    }
    TrainingOptions options =
        TrainingOptions.defaults()
            .withSteps(data.steps())
            .withBatch(data.batch())
            .withBudget(new Budget.Epochs(Math.ceilDiv(updates, GeneratedTask.UPDATES_PER_EPOCH)));
    Trainer[] trainer = new Trainer[1];
    trainer[0] =
        new Trainer(
            network,
            options,
            seed.value(),
            team,
            event -> {
              if (event instanceof TrainingEvent.Completed && event.update() == updates) {
                trainer[0].stop();
              }
            });
    trainer[0].run(data, new DataValidator(data.withSeed(~seed.value()), 1));
  }

  private List<Line> measure(
      Network network, Map<String, OnlineRule> usable, GeneratedTask data, Team team, int rounds) {
    GeneratedTask others = data.withSeed(seed.value() + 1);
    List<Batch> measured =
        IntStream.range(0, batches).mapToObj(place -> others.batch(place)).toList();
    Map<String, Times> times = times(network, usable, measured.getFirst(), team, rounds);
    List<Line> lines = new ArrayList<>();
    Bptt bptt = Bptt.of(network, team, data.steps(), data.batch(), new Engine.Full());
    lines.add(new Line(BPTT, null, null, null, null, null, bptt.bytes(), times.get(BPTT).median()));
    usable.forEach((name, rule) -> {
      RuleMeter meter =
          RuleMeter.of(
              network,
              team,
              measured,
              draw -> OnlineRule.parse(name, draw, network.spec().outputs()),
              rule.isRandom() ? draws : 1);
      lines.add(
          new Line(
              name,
              meter.cosine().mean(),
              Json.finite(meter.cosine().halfWidth()),
              meter.error().mean(),
              Json.finite(meter.error().halfWidth()),
              meter.noise().mean(),
              meter.bytes(),
              times.get(name).median()));
    });
    return lines;
  }

  /// Seconds a step, of back-propagation over all steps and of each rule, in turns.
  private static Map<String, Times> times(
      Network network, Map<String, OnlineRule> usable, Batch batch, Team team, int rounds) {
    Parameters gradients = network.parameters().zeros();
    Map<String, Runnable> passes = new LinkedHashMap<>();
    Bptt bptt = Bptt.of(network, team, batch.steps(), batch.batch(), new Engine.Full());
    passes.put(
        BPTT,
        () -> {
          bptt.startFromZero();
          bptt.gradient(batch, Reduction.MEAN, gradients);
        });
    List<Batch> steps =
        IntStream.range(0, batch.steps()).mapToObj(t -> batch.part(t, t + 1)).toList();
    double[] weights = Reduction.MEAN.weights(batch.amounts(network.spec().head()));
    usable.forEach((name, rule) -> {
      OnlineGradient online = OnlineGradient.of(network, team, batch.batch(), rule);
      passes.put(name, () -> steps.forEach(step -> online.step(step, weights, gradients)));
    });
    Map<String, List<Double>> seconds = new LinkedHashMap<>();
    for (int round = -rounds; round < rounds; round++) {
      for (Map.Entry<String, Runnable> pass : passes.entrySet()) {
        gradients.buffer().clear();
        long begun = System.nanoTime();
        pass.getValue().run();
        double took = (System.nanoTime() - begun) / 1e9 / batch.steps();
        if (round >= 0) {
          seconds.computeIfAbsent(pass.getKey(), name -> new ArrayList<>()).add(took);
        }
      }
    }
    Map<String, Times> times = new LinkedHashMap<>();
    seconds.forEach((name, all) ->
        times.put(name, new Times(all.stream().mapToDouble(each -> each).toArray())));
    return times;
  }

  private void print(Line line) {
    if (json.isAsked()) {
      Json.print(out(), line);
      return;
    }
    out()
        .printf(
            "%-14s  %-18s  %-18s  %8s  %10s  %10.2f%n",
            line.rule,
            estimate(line.cosine, line.cosineBy),
            estimate(line.error, line.errorBy),
            line.noise == null || line.noise == 0 ? "" : "%.3f".formatted(line.noise),
            Wording.bytes(line.bytes),
            line.secondsPerStep * 1e6);
    out().flush();
  }

  private static String estimate(Double mean, Double by) {
    return mean == null
        ? ""
        : by == null ? "%.4f".formatted(mean) : "%.4f +- %.4f".formatted(mean, by);
  }

  private String picture(List<Line> lines) {
    LinePlot time =
        new LinePlot(
            "How far off, and how long",
            "microseconds a step",
            "relative error",
            LinePlot.Scale.LOGARITHMIC);
    LinePlot space =
        new LinePlot(
            "How far off, and how much is kept",
            "bytes",
            "relative error",
            LinePlot.Scale.LOGARITHMIC);
    for (Line line : lines) {
      if (line.error != null) {
        double error = Math.max(LEAST_ERROR, line.error);
        time.line(line.rule, List.of(new double[] {line.secondsPerStep * 1e6, error}));
        space.line(line.rule, List.of(new double[] {Math.max(1, line.bytes), error}));
      }
    }
    return LinePlot.svg(List.of(time, space));
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
