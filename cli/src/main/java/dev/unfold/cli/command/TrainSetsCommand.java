package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.RunArguments;
import dev.unfold.cli.option.TrainingArguments;
import dev.unfold.data.sets.SetSequences;
import dev.unfold.formats.model.Provenance;
import dev.unfold.formats.model.SetModel;
import dev.unfold.head.Head;
import dev.unfold.model.Encoder;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.task.SetTask;
import dev.unfold.train.TrainingOptions;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `unfold train sets`
@Command(
    name = "sets",
    description = {
      "Trains a network to predict the next set of a sequence of sets: the notes that sound, the"
          + " alarms that are on.",
      "",
      "A file has a sequence a line, with blanks between its steps; a step lists the numbers of its"
          + " set, from 0 and with commas between them, or is - for none. The error is followed"
          + " back through whole sequences; the loss is the negative logarithm of the set's"
          + " probability, each number being in it or not by itself. After each epoch the network"
          + " is validated, and saved if it is the best so far. Ctrl-C stops early and keeps the"
          + " best.",
      ""
    },
    defaultValueProvider = TrainingArguments.Defaults.class,
    footer = {
      "Example:",
      "  unfold train sets train.txt --valid valid.txt --width 88 --cell gru --out"
          + " music.safetensors"
    })
final class TrainSetsCommand extends TrainingCommand {
  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "Sequences to learn from, a line each.")
  private List<Path> files;

  @Option(
      names = "--valid",
      paramLabel = "FILE",
      required = true,
      description = "Sequences to validate on.")
  private List<Path> validation;

  @Option(
      names = "--width",
      paramLabel = "K",
      description = "Numbers are from 0 to K-1 (default: as in the sequences to learn from).")
  private Integer width;

  /// K
  private int classes(SetSequences training) {
    int known = base.map(model -> model.network().spec().outputs()).orElseGet(training::width);
    if (base.isPresent() && width != null && width != known) {
      throw new Refusal("width", known + ", as the model of --from has", width);
    }
    return width == null ? known : width;
  }

  @Override
  int train() {
    if (base.isPresent() && !(base.get() instanceof SetModel)) {
      throw new Refusal("from", "a model that was trained on sets", "another");
    }
    if (width != null && (width < 1 || width > SetSequences.LARGEST + 1)) {
      throw new Refusal("width", "K from 1 to " + (SetSequences.LARGEST + 1), width);
    }
    TrainingOptions given = trainingArguments.options(1);
    NetworkSpec checked = networkArguments.forwardSpec(new Encoder.Vectors(1), new Head.Sets(1));
    Provenance.Beginning beginning = start.of(networkArguments.cells());
    RunArguments.Place place = runArguments.place(checked, beginning, given);
    SetSequences training = SetSequences.read(files);
    int classes = classes(training);
    SetTask task =
        new SetTask(
            training,
            SetSequences.read(validation),
            classes,
            place.kernels().precision(),
            beginning.seed());
    TrainingOptions options = trainingArguments.options(training.longest() - 1);
    return runArguments.train(
        runArguments.run(
            place,
            task,
            networkArguments.forwardSpec(new Encoder.Vectors(classes), new Head.Sets(classes)),
            beginning,
            trainingArguments,
            options));
  }
}
