package dev.unfold.cli.bench;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.cli.bench.StreamTrial.Learner;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.CellArguments;
import dev.unfold.cli.option.HiddenOption;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.RulesOption;
import dev.unfold.cli.option.SeedOption;
import dev.unfold.cli.option.SvgOption;
import dev.unfold.cli.option.ThreadsOption;
import dev.unfold.data.text.Text;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.generated.DelayedResponse;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Wording;
import dev.unfold.run.task.TextModel;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.Budget;
import dev.unfold.train.DataValidator;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingOptions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `unfold bench drift`
@Command(
    name = "drift",
    description = {
      "Lets a network go on learning on a stream that is not what it was trained on: a sensor"
          + " whose",
      "rule changes half-way, or a text beside a model of texts. Each step counts before it is",
      "learned, and the network that stays as it is reads the same stream.",
      "",
      "The rate of each way to learn is the best of a grid on a stream of its own: another sensor,",
      "or the first fifth of the text, of which the rest is told."
    },
    footer = {
      "",
      "Examples:",
      "  unfold bench drift --cell lstm --hidden 32 --svg drift.svg",
      "  unfold bench drift bytes.safetensors other.txt --tokens 100000"
    })
final class BenchDriftCommand implements Callable<Integer> {
  private static final DelayedResponse.Rule FIRST = new DelayedResponse.Rule(3, 1);
  private static final DelayedResponse.Rule SECOND = new DelayedResponse.Rule(6, -1);
  private static final int WINDOW = 64;
  private static final int BATCH = 32;
  private static final int BINS = 40;
  private static final int MOST_TOKENS = 10_000_000;
  private static final double[] RATES = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1};

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "MODEL",
      description = "A model of texts that was trained on something else; none for the sensor.")
  private Path model;

  @Parameters(index = "1", arity = "0..1", paramLabel = "FILE", description = "The text.")
  private Path file;

  @Mixin private CellArguments cellArguments;
  @Mixin private final HiddenOption hidden = new HiddenOption(32);

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "20000",
      description = "Steps of the stream (default: ${DEFAULT-VALUE}).")
  private int tokens;

  @Option(
      names = "--trained",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "Of the sensor: epochs of 100 updates that the network is trained for before its rule"
              + " changes (default: ${DEFAULT-VALUE}).")
  private int trained;

  @Option(
      names = "--segment",
      paramLabel = "N",
      defaultValue = "20",
      description =
          "Steps between changes of the parameters; back-propagation goes back as far (default:"
              + " ${DEFAULT-VALUE}).")
  private int segment;

  @Mixin private final RulesOption rules = new RulesOption("snap1", "eprop", "immediate");

  @Mixin private SvgOption svg;

  @Mixin private SeedOption seed;
  @Mixin private ThreadsOption threads;
  @Mixin private BackendOption backend;
  @Mixin private JsonOption json;

  /// What came of one way to learn.
  ///
  /// @param rate null for the network that stays as it is
  /// @param all the mean loss of all steps
  /// @param parts of the first, second, third and last quarter
  /// @param curve the mean losses of equal parts of the stream
  private record Line(
      String learner,
      Double rate,
      Double all,
      List<Double> parts,
      double secondsPerStep,
      List<Double> curve) {}

  /// What is read, and what rates are chosen on.
  private record Streams(Network network, Batch told, Batch tuning, String what) {}

  @Override
  public Integer call() {
    svg.check();
    Expect.positive("segment", "N", segment);
    Expect.positive("trained", "N", trained);
    long least = (long) BINS * segment;
    if (tokens < least || tokens > MOST_TOKENS) {
      throw new Refusal(
          "tokens", "N of %d, %d segments, to %d".formatted(least, BINS, MOST_TOKENS), tokens);
    }
    if (model != null && file == null) {
      throw new ParameterException(spec.commandLine(), "expected a text beside the model");
    }
    rules.names();
    Kernels kernels = backend.kernels();
    Team team = threads.team();
    Streams streams = model == null ? sensor(kernels, team) : text(kernels);
    NetworkSpec made = streams.network().spec();
    List<Learner> learners = learners(made);
    if (!json.isAsked()) {
      out()
          .printf(
              "%s  H=%d, %s, %s a segment, %s%n",
              made.cellNames(),
              made.hidden(),
              streams.what(),
              Wording.count(segment, "step"),
              Wording.count(team.size(), "thread"));
      out()
          .printf(
              "%-16s  %7s  %9s  %9s  %9s  %9s  %9s  %10s%n",
              "learner", "rate", "all", "1st", "2nd", "3rd", "4th", "us a step");
    }
    List<Line> lines = new ArrayList<>();
    // Whoever is first would wait for the compiler.
    StreamTrial.frozen(streams.network(), streams.told(), segment, team);
    StreamTrial frozen = StreamTrial.frozen(streams.network(), streams.told(), segment, team);
    print(line("frozen", null, frozen, streams.told()), lines);
    for (Learner learner : learners) {
      double rate = rate(streams, learner, team);
      StreamTrial trial =
          StreamTrial.of(streams.network(), streams.told(), segment, learner, rate, team);
      print(line(learner.name(), rate, trial, streams.told()), lines);
    }
    svg.write(() -> picture(lines));
    return 0;
  }

  /// Back-propagation, and the rules that the network can learn by.
  private List<Learner> learners(NetworkSpec made) {
    List<Learner> learners = new ArrayList<>();
    learners.add(new Learner("bptt, %d steps".formatted(segment), Optional.empty()));
    rules
        .usable(
            made,
            (rule, why) ->
                spec.commandLine().getErr().printf("unfold: %s is left out: %s%n", rule, why))
        .forEach(rule -> learners.add(new Learner(rule, Optional.of(rule))));
    return learners;
  }

  private Streams sensor(Kernels kernels, Team team) {
    DelayedResponse task =
        new DelayedResponse(WINDOW, BATCH, kernels.precision(), FIRST, seed.value());
    NetworkSpec made =
        new NetworkSpec(cellArguments.cell(), task.encoder(), hidden.count(), 1, task.head());
    Network network = Network.create(made, kernels, seed.value());
    TrainingOptions options =
        TrainingOptions.defaults()
            .withSteps(WINDOW)
            .withBatch(BATCH)
            .withBudget(new Budget.Epochs(trained));
    new Trainer(network, options, seed.value(), team, event -> {})
        .run(task, new DataValidator(task.withSeed(~seed.value()), 4));
    return new Streams(
        network,
        changing(kernels, seed.value() + 1),
        changing(kernels, seed.value() + 2),
        "a sensor that changes after %d of %d steps; least loss %.4f"
            .formatted(tokens / 2, tokens, DelayedResponse.LEAST));
  }

  private Batch changing(Kernels kernels, long from) {
    return DelayedResponse.changing(tokens, kernels.precision(), FIRST, SECOND, from);
  }

  private Streams text(Kernels kernels) {
    Model read = ModelFile.load(model, kernels).withWeights(WeightFormat.FLOAT32);
    if (!(read instanceof LanguageModel language)) {
      throw new Refusal("MODEL", "a model of texts", model);
    }
    TextModel own = TextModel.of(model, language);
    int[] all = Text.read(own.vocabulary(), own.form(), List.of(file)).tokens();
    int tuning = tokens / 4;
    if (all.length <= tokens + tuning) {
      throw new Refusal(
          "tokens", "fewer than four fifths of the %d of the text".formatted(all.length), tokens);
    }
    return new Streams(
        read.network(),
        stream(all, tuning, tokens),
        stream(all, 0, tuning),
        "%d tokens of %s after %d to choose rates on".formatted(tokens, file, tuning));
  }

  private static Batch stream(int[] all, int from, int count) {
    return Batch.of(count, 1, new Inputs.Tokens(all, from), new Targets.Classes(all, from + 1));
  }

  /// The best on the stream to choose on.
  private double rate(Streams streams, Learner learner, Team team) {
    double best = Double.POSITIVE_INFINITY;
    double chosen = RATES[0];
    for (double rate : RATES) {
      StreamTrial trial =
          StreamTrial.of(streams.network(), streams.tuning(), segment, learner, rate, team);
      double loss = trial.mean(0, 1, segments(streams.tuning()));
      if (loss < best) {
        best = loss;
        chosen = rate;
      }
    }
    return chosen;
  }

  private int segments(Batch stream) {
    return Math.ceilDiv(stream.steps(), segment);
  }

  private Line line(String name, Double rate, StreamTrial trial, Batch stream) {
    int all = segments(stream);
    return new Line(
        name,
        rate,
        Json.finite(trial.mean(0, 1, all)),
        means(trial, all, 4),
        trial.seconds() / stream.steps(),
        means(trial, all, BINS));
  }

  private static List<Double> means(StreamTrial trial, int all, int parts) {
    return IntStream.range(0, parts)
        .mapToObj(i -> Json.finite(trial.mean((double) i / parts, (i + 1.0) / parts, all)))
        .toList();
  }

  private void print(Line line, List<Line> lines) {
    lines.add(line);
    if (json.isAsked()) {
      Json.print(out(), line);
      return;
    }
    out()
        .printf(
            "%-16s  %7s  %9s  %9s  %9s  %9s  %9s  %10.2f%n",
            line.learner,
            line.rate == null ? "" : line.rate.toString(),
            number(line.all),
            number(line.parts.get(0)),
            number(line.parts.get(1)),
            number(line.parts.get(2)),
            number(line.parts.get(3)),
            line.secondsPerStep * 1e6);
    out().flush();
  }

  private static String number(Double loss) {
    return loss == null ? "diverged" : "%.4f".formatted(loss);
  }

  private String picture(List<Line> lines) {
    LinePlot plot =
        new LinePlot("Loss before each step is learned", "step", "loss", LinePlot.Scale.LINEAR);
    for (Line line : lines) {
      List<double[]> points = new ArrayList<>();
      for (int i = 0; i < line.curve.size() && line.curve.get(i) != null; i++) {
        points.add(new double[] {(i + 0.5) * tokens / BINS, line.curve.get(i)});
      }
      plot.line(line.learner, points);
    }
    return LinePlot.svg(List.of(plot));
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
