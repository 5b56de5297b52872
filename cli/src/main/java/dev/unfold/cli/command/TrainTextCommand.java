package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.RunArguments;
import dev.unfold.cli.option.TrainingArguments;
import dev.unfold.cli.report.SamplePrinter;
import dev.unfold.data.text.Corpus;
import dev.unfold.data.text.CorpusOptions;
import dev.unfold.data.text.TextForm;
import dev.unfold.data.text.Unit;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.data.text.WordLimits;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.Provenance;
import dev.unfold.head.Head;
import dev.unfold.infer.Sampler;
import dev.unfold.model.Encoder;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.TrainingRun;
import dev.unfold.run.task.CorpusTask;
import dev.unfold.run.task.TextModel;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.data.Windows;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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
          + " words.safetensors",
      "  unfold train text names.txt --lines --cell gru --out names.safetensors",
      "  unfold train text more.txt --from words.safetensors --lr 0.0005 --out more.safetensors"
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
      description =
          "Text to validate on (default: the last tenth of the other; with --lines a tenth of its"
              + " lines).")
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

  @Option(
      names = "--lines",
      description =
          "Each line is a sequence of its own: it starts from zeros and ends with the end of its"
              + " line, which is learned too, and nothing is carried from line to line. Lines come"
              + " in an order of their own each epoch; a tenth of them, drawn by the seed,"
              + " validates.")
  private boolean isOfLines;

  @Option(
      names = "--min-count",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Of words only: those that occur less often are read as <unk>, which is trained like any"
              + " other (default: ${DEFAULT-VALUE}).")
  private int minCount;

  @Option(
      names = "--max-words",
      paramLabel = "N",
      description =
          "Of words only: the most frequent N tokens, <eos> and <unk> among them; the others are"
              + " read as <unk> (default: all).")
  private Integer mostWords;

  @Override
  int train() {
    Optional<TextModel> known = base.map(TrainTextCommand::text);
    TextForm form = isOfLines ? TextForm.LINES : known.map(TextModel::form).orElse(TextForm.STREAM);
    Windows windows = windows(form);
    TrainingOptions given = trainingArguments.options(windows).withSampled(sampled);
    Provenance.Beginning beginning = start.of(networkArguments.cell());
    CorpusOptions reading = reading(form, known, beginning.seed());
    NetworkSpec checked =
        network(known.map(TextModel::vocabulary).orElse(Vocabulary.ofBytes()), known);
    if (sampled > 0 && checked.factored().isPresent()) {
      throw new Refusal("sampled", "0 for a factored softmax", sampled);
    }
    RunArguments.Place place = runArguments.place(checked, beginning, given);
    Corpus corpus =
        validation == null ? Corpus.read(files, reading) : Corpus.read(files, validation, reading);
    CorpusTask task = CorpusTask.of(form, corpus, beginning.seed());
    TrainingOptions options =
        form == TextForm.STREAM ? given : given.withSteps(task.steps(given.steps()));
    TrainingRun run =
        runArguments.run(
            place,
            task,
            network(corpus.vocabulary(), known),
            beginning,
            trainingArguments,
            options);
    int exitCode = runArguments.train(run);
    if (exitCode == 0 && !runArguments.isJson()) {
      sample(new TextModel(run.network(), corpus.vocabulary(), form));
    }
    return exitCode;
  }

  private static TextModel text(Model base) {
    if (base instanceof LanguageModel language) {
      return TextModel.of(Path.of("--from"), language);
    }
    throw new Refusal("from", "a model that was trained on text", "another");
  }

  /// T; whole lines have their own, and with an online rule a window is what comes before an update.
  private Windows windows(TextForm form) {
    Windows asked = Windows.parse(steps);
    if (form == TextForm.LINES && !asked.equals(TrainingOptions.defaults().windows())) {
      throw new Refusal("steps", "none beside --lines, of which each is one window", steps);
    }
    int updateEvery = trainingArguments.updateEvery();
    if (updateEvery == 0 || form == TextForm.LINES) {
      return asked;
    }
    if (!asked.equals(TrainingOptions.defaults().windows())) {
      throw new Refusal("steps", "none beside an online engine, which has update-every", steps);
    }
    return Windows.of(updateEvery);
  }

  private CorpusOptions reading(TextForm form, Optional<TextModel> known, long seed) {
    WordLimits limits =
        new WordLimits(minCount, mostWords == null ? WordLimits.NONE.most() : mostWords);
    boolean isSaid = spec.commandLine().getParseResult().hasMatchedOption("--unit");
    Vocabulary vocabulary = known.map(TextModel::vocabulary).orElse(null);
    if (vocabulary == null) {
      return CorpusOptions.of(unit).with(form).with(limits).withSeed(seed);
    }
    if (isSaid && unit != vocabulary.unit()) {
      String name = vocabulary.unit().name().toLowerCase(Locale.ROOT);
      throw new Refusal("unit", name + ", as the model of --from has", unit);
    }
    return CorpusOptions.of(vocabulary.unit())
        .with(form)
        .with(vocabulary)
        .with(limits)
        .withSeed(seed);
  }

  private NetworkSpec network(Vocabulary vocabulary, Optional<TextModel> known) {
    boolean isWide = vocabulary.unit() == Unit.WORD || networkArguments.isTied();
    int usual = isWide ? networkArguments.hidden() : SYMBOL_EMBEDDING;
    int width = embedding == null ? usual : embedding;
    if (known.isPresent()) {
      int before = known.get().network().spec().encoder().width();
      if (embedding != null && embedding != before) {
        throw new Refusal("embedding", before + ", as the model of --from has", embedding);
      }
      width = before;
    }
    return networkArguments.forwardSpec(
        new Encoder.Embedding(vocabulary.size(), width), new Head.Classes(vocabulary.size()));
  }

  private void sample(TextModel model) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%nsample%n%n");
    new SamplePrinter(out, model.writer())
        .print(
            new Sampler(model.network(), SAMPLE_TEMPERATURE, model.vocabulary().size(), 1),
            new int[0],
            SAMPLE_LENGTH);
  }
}
