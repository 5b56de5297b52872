package dev.unfold.cli.bench;

import dev.unfold.argument.Clause;
import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.BatchOption;
import dev.unfold.cli.option.CellArguments;
import dev.unfold.cli.option.HiddenOption;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.RepetitionsOption;
import dev.unfold.cli.option.SvgOption;
import dev.unfold.cli.option.ThreadsOption;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.measure.Times;
import dev.unfold.model.LayerText;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.run.MemoryLimit;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.MemorySize;
import dev.unfold.run.output.Wording;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.sequence.Truncation;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `unfold bench engines`
@Command(
    name = "engines",
    description = {
      "Measures the gradient over sequences of T steps by full, truncated and memory-budgeted",
      "back-propagation: time and memory as T grows.",
      "",
      "The engines take turns; the medians of their times are told."
    },
    footer = {
      "",
      "Example: unfold bench engines --steps 100,1000,10000 --memory 5%% --svg engines.svg"
    })
final class BenchEnginesCommand implements Callable<Integer> {
  private static final long SEED = 1;
  private static final int VOCABULARY = 32;

  /// At least as long, in nanoseconds.
  private static final long WARM_UP = 1_000_000_000;

  /// The same for the first sequence, when the code is not compiled yet.
  private static final long FIRST_WARM_UP = 10 * WARM_UP;

  @Spec private CommandSpec spec;

  @Mixin private CellArguments cellArguments;

  @Mixin private final HiddenOption hidden = new HiddenOption(128);
  @Mixin private final BatchOption batch = new BatchOption(1);

  @Option(
      names = "--steps",
      paramLabel = "T,...",
      defaultValue = "100,1000,10000",
      description = "Steps of a sequence, one or more numbers (default: ${DEFAULT-VALUE}).")
  private List<String> steps;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      defaultValue = "5%",
      description =
          "The budget, such as 64MB, or 5%% of what all steps take (default: ${DEFAULT-VALUE}).")
  private String memory;

  @Option(
      names = "--window",
      paramLabel = "K",
      defaultValue = "100",
      description = "Window and reach of the truncated one (default: ${DEFAULT-VALUE}).")
  private int window;

  @Mixin private final RepetitionsOption repetitions = new RepetitionsOption(5);

  @Mixin private SvgOption svg;

  @Mixin private ThreadsOption threads;
  @Mixin private BackendOption backend;
  @Mixin private JsonOption json;

  private record Line(
      String cell,
      int hidden,
      int batch,
      int steps,
      String engine,
      long memoryBytes,
      double seconds,
      double spread,
      double loss) {}

  @Override
  public Integer call() {
    svg.check();
    int rounds = repetitions.count();
    Expect.positive("window", "K", window);
    MemorySize.parse(memory);
    String expected = "one or more numbers of steps, each of 1 or more";
    int[] counts = Clause.list("steps", expected, steps).wholes(1);
    Cell cell = cellArguments.cell();
    Network network =
        Network.create(
            NetworkSpec.tokens(cell, VOCABULARY, hidden.count(), hidden.count()),
            backend.kernels(),
            SEED);
    for (int count : counts) {
      checkMemory(network, count);
    }
    Team team = threads.team();
    List<Line> lines = new ArrayList<>();
    if (!json.isAsked()) {
      out()
          .printf(
              "%s  H=%d B=%d, %s%n",
              LayerText.of(cell),
              hidden.count(),
              batch.count(),
              Wording.count(team.size(), "thread"));
      out().printf("%9s  %-22s %12s %12s %10s%n", "T", "engine", "memory", "time", "us a step");
    }
    for (int count : counts) {
      measure(network, team, count, rounds, lines);
    }
    svg.write(() -> picture(lines));
    return 0;
  }

  /// Longer sequences are measured last, long after the first.
  private void checkMemory(Network network, int count) {
    int sequences = batch.count();
    if ((long) count * sequences + sequences > Integer.MAX_VALUE) {
      throw new Refusal("steps", "(T+1)*B below 2^31", "T=%d and B=%d".formatted(count, sequences));
    }
    Engine full = new Engine.Full();
    MemoryLimit.check(
        Footprint.of(network.spec(), network.kernels().precision(), count, sequences, full),
        "T=%d and B=%d".formatted(count, sequences));
  }

  private void measure(Network network, Team team, int count, int rounds, List<Line> lines) {
    int sequences = batch.count();
    Map<String, Engine> engines = engines(network, count);
    int[] tokens =
        new Random(SEED).ints((long) count * sequences + sequences, 0, VOCABULARY).toArray();
    Batch data =
        Batch.of(
            count, sequences, new Inputs.Tokens(tokens, 0), new Targets.Classes(tokens, sequences));
    Parameters gradients = network.parameters().zeros();
    Map<String, Bptt> running = new LinkedHashMap<>();
    engines.forEach(
        (name, engine) -> running.put(name, Bptt.of(network, team, count, sequences, engine)));
    Map<String, List<Double>> seconds = new LinkedHashMap<>();
    Map<String, Double> losses = new LinkedHashMap<>();
    long warmUp = lines.isEmpty() ? FIRST_WARM_UP : WARM_UP;
    long begun = System.nanoTime();
    int round = 0;
    int measured = 0;
    while (measured < rounds) {
      boolean warm = round >= rounds && System.nanoTime() - begun > warmUp;
      for (Map.Entry<String, Bptt> entry : running.entrySet()) {
        gradients.buffer().clear();
        entry.getValue().startFromZero();
        long start = System.nanoTime();
        double loss = entry.getValue().gradient(data, Reduction.MEAN, gradients);
        double took = (System.nanoTime() - start) / 1e9;
        losses.put(entry.getKey(), loss);
        if (warm) {
          seconds.computeIfAbsent(entry.getKey(), name -> new ArrayList<>()).add(took);
        }
      }
      round++;
      measured += warm ? 1 : 0;
    }
    running.forEach((name, bptt) -> {
      Times times = new Times(seconds.get(name).stream().mapToDouble(time -> time).toArray());
      Line line =
          new Line(
              network.spec().cellNames(),
              network.spec().hidden(),
              sequences,
              count,
              name,
              bptt.bytes(),
              times.median(),
              times.spread(),
              losses.get(name));
      lines.add(line);
      print(line);
    });
  }

  /// Those that can be had: a budget may be too small for few steps.
  private Map<String, Engine> engines(Network network, int count) {
    NetworkSpec made = network.spec();
    Map<String, Engine> engines = new LinkedHashMap<>();
    engines.put("full", new Engine.Full());
    engines.put(
        "truncated, %d steps".formatted(window),
        new Engine.Truncated(new Truncation(window, window)));
    Kernels kernels = network.kernels();
    long whole = Footprint.of(made, kernels.precision(), count, batch.count(), new Engine.Full());
    Engine budget = new Engine.Budgeted(MemorySize.parse(memory).bytes(whole));
    try {
      Footprint.of(made, kernels.precision(), count, batch.count(), budget);
      engines.put("in " + memory, budget);
    } catch (IllegalArgumentException e) {
      out().flush();
      spec.commandLine()
          .getErr()
          .println("unfold: T=" + count + " is left out in " + memory + ": " + e.getMessage());
    }
    return engines;
  }

  private void print(Line line) {
    if (json.isAsked()) {
      Json.print(out(), line);
      return;
    }
    out()
        .printf(
            "%9d  %-22s %12s %9.2f ms %10.2f%n",
            line.steps,
            line.engine,
            Wording.bytes(line.memoryBytes),
            line.seconds * 1e3,
            line.seconds * 1e6 / line.steps);
    out().flush();
  }

  private String picture(List<Line> lines) {
    LinePlot time =
        new LinePlot("Time of one gradient", "T, steps", "seconds", LinePlot.Scale.LOGARITHMIC);
    LinePlot space = new LinePlot("Memory", "T, steps", "bytes", LinePlot.Scale.LOGARITHMIC);
    for (String engine : lines.stream().map(Line::engine).distinct().toList()) {
      List<double[]> times = new ArrayList<>();
      List<double[]> bytes = new ArrayList<>();
      for (Line line : lines) {
        if (line.engine.equals(engine)) {
          times.add(new double[] {line.steps, line.seconds});
          bytes.add(new double[] {line.steps, line.memoryBytes});
        }
      }
      time.line(engine, times);
      space.line(engine, bytes);
    }
    return LinePlot.svg(List.of(time, space));
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
