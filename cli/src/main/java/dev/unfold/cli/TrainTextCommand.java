package dev.unfold.cli;

import dev.unfold.data.Corpus;
import dev.unfold.data.Unit;
import dev.unfold.data.Vocabulary;
import dev.unfold.formats.Provenance;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Team;
import dev.unfold.net.Engine;
import dev.unfold.net.Footprint;
import dev.unfold.net.Network;
import dev.unfold.net.NetworkSpec;
import dev.unfold.net.Sampler;
import dev.unfold.train.TrainerState;
import dev.unfold.train.TrainingOptions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `unfold train text`
@Command(
    name = "text",
    description = {
      "Trains a network to predict the next token of a text.",
      "",
      "The error is followed back through windows of T steps, the state is carried from window to"
          + " window. After each epoch the network is validated, and saved if it is the best so"
          + " far. Ctrl-C stops early and keeps the best.",
      ""
    },
    defaultValueProvider = TrainingArguments.Defaults.class,
    footer = {
      "Examples:",
      "  unfold train text input.txt --minutes 3",
      "  unfold train text train.txt --valid valid.txt --unit word --cell lstm --out"
          + " words.safetensors"
    })
final class TrainTextCommand implements Callable<Integer> {
  private static final double SAMPLE_TEMPERATURE = 0.8;
  private static final int SAMPLE_LENGTH = 300;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "UTF-8 text to learn from; several files are one text.")
  private List<Path> files;

  @Option(
      names = "--valid",
      paramLabel = "FILE",
      description = "Text to validate on (default: the last tenth of the other).")
  private List<Path> validation;

  @Option(
      names = "--unit",
      defaultValue = "char",
      paramLabel = "UNIT",
      description = "What a token is: char, word or byte (default: ${DEFAULT-VALUE}).")
  private Unit unit;

  @Option(
      names = "--steps",
      paramLabel = "T",
      description =
          "Steps of a window: the error is followed back through as many (default:"
              + " ${DEFAULT-VALUE}).")
  private int steps;

  @Mixin private NetworkArguments networkArguments;
  @Mixin private TrainingArguments trainingArguments;

  @Mixin private StartArguments start;

  @Option(
      names = "--out",
      paramLabel = "MODEL",
      defaultValue = "model.safetensors",
      description = {
        "Where the best model goes (default: ${DEFAULT-VALUE}).",
        "A model that is there is replaced at this run's first validation."
      })
  private Path model;

  @Option(
      names = "--run",
      paramLabel = "DIR",
      description = {
        "A folder for checkpoints and metrics, so that training can go on after any interruption."
      })
  private Path runFolder;

  @Option(
      names = "--checkpoint",
      paramLabel = "N",
      defaultValue = "500",
      description =
          "Updates between checkpoints, besides those after validations (default:"
              + " ${DEFAULT-VALUE}).")
  private long checkpoint;

  @Option(
      names = "--resume",
      description = {
        "Go on with the run in --run, given the same options and data: the end is the same, bit"
            + " for",
        "bit, as without the interruption."
      })
  private boolean resume;

  @Option(
      names = "--json",
      description = "Print a JSON object a line: started, progress, validated, finished.")
  private boolean json;

  @Mixin private ThreadsOption threads;
  @Mixin private BackendOption backend;

  @Override
  public Integer call() {
    TrainingOptions options = trainingArguments.options(steps);
    networkArguments.check();
    Provenance.Beginning beginning = start.of(networkArguments.cell());
    OutputFile.check(model);
    if (resume && runFolder == null) {
      throw new ParameterException(spec.commandLine(), "expected --run beside --resume");
    }
    Optional<RunFolder> folder =
        Optional.ofNullable(runFolder).map(path -> new RunFolder(path, checkpoint));
    Team team = threads.team();
    Kernels kernels = backend.kernels();
    Corpus corpus =
        validation == null ? Corpus.read(unit, files) : Corpus.read(unit, files, validation);
    corpus.training().requireWindow(options.steps());
    NetworkSpec network = networkArguments.spec(corpus.vocabulary());
    int batch = TextRun.batch(corpus, options);
    TextRun run =
        new TextRun(
            corpus,
            Network.create(network, kernels, beginning.seed(), beginning.initialization()),
            beginning,
            trainingArguments.inMemory(
                options,
                Footprint.of(
                    network, kernels.precision(), options.steps(), batch, new Engine.Full())),
            team,
            model,
            folder);
    Optional<TrainerState> from = Optional.empty();
    if (resume) {
      from = folder.orElseThrow().resume(run.described());
    } else {
      folder.ifPresent(RunFolder::begin);
    }
    PrintWriter out = spec.commandLine().getOut();
    return json ? run.train(Reports.json(out), from) : trainForPeople(run, from, out);
  }

  private static int trainForPeople(TextRun run, Optional<TrainerState> from, PrintWriter out) {
    from.ifPresent(state -> out.printf("resuming  after update %d%n", state.counts().updates()));
    int exitCode = run.train(Reports.text(out), from);
    if (exitCode == 0) {
      Vocabulary vocabulary = run.corpus().vocabulary();
      out.printf("%nsample%n%n");
      new SamplePrinter(out, vocabulary)
          .print(
              new Sampler(run.network(), SAMPLE_TEMPERATURE, vocabulary.size(), 1),
              new int[0],
              SAMPLE_LENGTH);
    }
    return exitCode;
  }
}
