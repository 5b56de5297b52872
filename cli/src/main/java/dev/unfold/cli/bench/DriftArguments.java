package dev.unfold.cli.bench;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.cli.bench.StreamTrial.Learner;
import dev.unfold.cli.option.CellArguments;
import dev.unfold.cli.option.HiddenOption;
import dev.unfold.data.text.Text;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.generated.DelayedResponse;
import dev.unfold.run.task.TextModel;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.Budget;
import dev.unfold.train.DataValidator;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingOptions;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// A stream that is not what a network was trained on: a sensor whose rule changes half-way, or a text beside a model
/// of texts.
final class DriftArguments {
  /// Into how many parts a curve is cut.
  static final int BINS = 40;

  private static final DelayedResponse.Rule FIRST = new DelayedResponse.Rule(3, 1);
  private static final DelayedResponse.Rule SECOND = new DelayedResponse.Rule(6, -1);
  private static final int WINDOW = 64;
  private static final int BATCH = 32;
  private static final int MOST_TOKENS = 10_000_000;
  private static final double[] RATES = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1};

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

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

  /// What is read, and what rates are chosen on.
  record Streams(Model model, Batch told, Batch tuning, String what) {
    Network network() {
      return model.network();
    }
  }

  /// Steps of the stream.
  int tokens() {
    return tokens;
  }

  /// Steps of a segment.
  int segment() {
    return segment;
  }

  /// Checks what was given, before anything is read or trained.
  void check() {
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
  }

  /// The text, or the sensor with a network that was trained on what it was.
  Streams streams(Kernels kernels, Team team, long seed) {
    return model == null ? sensor(kernels, team, seed) : text(kernels);
  }

  private Streams sensor(Kernels kernels, Team team, long seed) {
    DelayedResponse task = new DelayedResponse(WINDOW, BATCH, kernels.precision(), FIRST, seed);
    NetworkSpec made =
        new NetworkSpec(cellArguments.cell(), task.encoder(), hidden.count(), 1, task.head());
    Network network = Network.create(made, kernels, seed);
    TrainingOptions options =
        TrainingOptions.defaults()
            .withSteps(WINDOW)
            .withBatch(BATCH)
            .withBudget(new Budget.Epochs(trained));
    new Trainer(network, options, seed, team, event -> {})
        .run(task, new DataValidator(task.withSeed(~seed), 4));
    return new Streams(
        NetworkModel.of(network),
        changing(kernels, seed + 1),
        changing(kernels, seed + 2),
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
        read,
        stream(all, tuning, tokens),
        stream(all, 0, tuning),
        "%d tokens of %s after %d to choose rates on".formatted(tokens, file, tuning));
  }

  private static Batch stream(int[] all, int from, int count) {
    return Batch.of(count, 1, new Inputs.Tokens(all, from), new Targets.Classes(all, from + 1));
  }

  /// The rate that is the best on the stream to choose on.
  double rate(Streams streams, Learner learner, Team team) {
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

  /// How many segments a stream has.
  int segments(Batch stream) {
    return Math.ceilDiv(stream.steps(), segment);
  }
}
