package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.InputFiles;
import dev.unfold.cli.option.LabelArguments;
import dev.unfold.cli.option.RunArguments;
import dev.unfold.cli.option.WordArguments;
import dev.unfold.cli.report.LabelReport;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LabelledSequence;
import dev.unfold.formats.model.Provenance;
import dev.unfold.head.Head;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Encoder;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Wiring;
import dev.unfold.run.TrainingRun;
import dev.unfold.run.label.LabelModel;
import dev.unfold.run.label.LabelOptions;
import dev.unfold.run.label.LabelTraining;
import dev.unfold.train.TrainingOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// What the commands that learn labels have in common.
abstract class LabelCommand extends TrainingCommand {
  @Spec CommandSpec spec;
  @Mixin LabelArguments data;
  @Mixin WordArguments words;

  /// In which form the data are.
  abstract LabelFormat format();

  /// Reads what is learnt from.
  abstract LabelledData read(LabelFormat format, List<Path> files, InputFiles inputs);

  /// Reads other files.
  abstract LabelledData readOthers(LabelFormat format, List<Path> files, InputFiles inputs);

  /// What the options say beyond the network and its training.
  abstract LabelOptions options();

  /// The head of a network of some classes, to check the options with before data are read.
  abstract Head head(int classes);

  abstract LabelTraining training(
      LabelArguments.Parts parts, LabelOptions options, Precision precision);

  @Override
  final int train() {
    try (LabelArguments _ = data) {
      return trained();
    }
  }

  private int trained() {
    if (trainingArguments.updateEvery() > 0) {
      throw new Refusal(
          "engine", "bptt for classes and tags, which are of whole sequences", "an online rule");
    }
    TrainingOptions given = trainingArguments.options(1);
    Provenance.Beginning beginning = start.of(networkArguments.cell());
    LabelOptions options = options().withSeed(beginning.seed());
    RunArguments.Place place =
        runArguments.place(network(new Encoder.Vectors(1), head(2)), beginning, given);
    LabelArguments.Parts parts =
        data.read(format(), this::read, this::readOthers, beginning.seed());
    Optional<LabelledData> test = data.test(parts.training().format(), this::readOthers);
    LabelTraining training = training(parts, options, place.kernels().precision());
    int steps =
        parts.training().sequences().stream().mapToInt(LabelledSequence::steps).max().orElseThrow();
    TrainingRun run =
        runArguments.run(
            place,
            training.task(),
            network(training.encoder(), training.head()),
            beginning,
            trainingArguments,
            trainingArguments.options(steps));
    int exitCode = runArguments.train(run);
    if (exitCode == 0) {
      LabelModel model = training.model(run.network());
      LabelReport report = new LabelReport(spec.commandLine().getOut(), runArguments.isJson());
      report.tell("validation", model.evaluate(parts.validation()));
      test.ifPresent(sequences -> report.tell("test", model.evaluate(sequences)));
    }
    return exitCode;
  }

  private NetworkSpec network(Encoder encoder, Head head) {
    return networkArguments.spec(encoder, head).with(Wiring.BIDIRECTIONAL);
  }
}
