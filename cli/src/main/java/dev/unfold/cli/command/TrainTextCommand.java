package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.RunArguments;
import dev.unfold.cli.option.TrainingArguments;
import dev.unfold.cli.report.SamplePrinter;
import dev.unfold.data.text.Corpus;
import dev.unfold.data.text.Unit;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.formats.model.Provenance;
import dev.unfold.head.Head;
import dev.unfold.infer.Sampler;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.TrainingRun;
import dev.unfold.run.task.TextTask;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.data.Windows;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
final class TrainTextCommand extends TrainingCommand {
  private static final int SYMBOL_EMBEDDING = 64;
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
              + " ${DEFAULT-VALUE}). auto:X or auto:X,most=T (128): the least of 1, 2, 4, ..., T"
              + " whose windows give gradients within a relative error X of those of windows of T"
              + " steps; measured at first and every 250 updates.")
  private String steps;

  @Option(
      names = "--embedding",
      paramLabel = "I",
      description = {
        "Width of a token's vector (default: " + SYMBOL_EMBEDDING + " for characters and bytes, ",
        "H for words and tied weights)."
      })
  private Integer embedding;

  @Option(
      names = "--sampled",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Train with the softmax over the right tokens of an update and N drawn ones, much faster"
              + " for many words; 0: over all (default: ${DEFAULT-VALUE}). Validation is over all.")
  private int sampled;

  @Override
  int train() {
    TrainingOptions options = trainingArguments.options(Windows.parse(steps)).withSampled(sampled);
    NetworkSpec checked = network(Vocabulary.ofBytes());
    if (sampled > 0 && checked.factored().isPresent()) {
      throw new Refusal("sampled", "0 for a factored softmax", sampled);
    }
    Provenance.Beginning beginning = start.of(networkArguments.cells());
    RunArguments.Place place = runArguments.place(checked, beginning, options);
    Corpus corpus =
        validation == null ? Corpus.read(unit, files) : Corpus.read(unit, files, validation);
    TrainingRun run =
        runArguments.run(
            place,
            new TextTask(corpus, beginning.seed()),
            network(corpus.vocabulary()),
            beginning,
            trainingArguments,
            options);
    int exitCode = runArguments.train(run);
    if (exitCode == 0 && !runArguments.isJson()) {
      sample(run.network(), corpus.vocabulary());
    }
    return exitCode;
  }

  private NetworkSpec network(Vocabulary vocabulary) {
    boolean isWide = vocabulary.unit() == Unit.WORD || networkArguments.isTied();
    int usual = isWide ? networkArguments.hidden() : SYMBOL_EMBEDDING;
    int width = embedding == null ? usual : embedding;
    return networkArguments.forwardSpec(
        new Encoder.Embedding(vocabulary.size(), width), new Head.Classes(vocabulary.size()));
  }

  private void sample(Network network, Vocabulary vocabulary) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%nsample%n%n");
    new SamplePrinter(out, vocabulary)
        .print(
            new Sampler(network, SAMPLE_TEMPERATURE, vocabulary.size(), 1),
            new int[0],
            SAMPLE_LENGTH);
  }
}
