package dev.unfold.run.job;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.data.source.Source;
import dev.unfold.data.table.Table;
import dev.unfold.data.table.TableOptions;
import dev.unfold.data.text.Corpus;
import dev.unfold.data.text.CorpusOptions;
import dev.unfold.data.text.Text;
import dev.unfold.data.text.TextForm;
import dev.unfold.data.text.Unit;
import dev.unfold.data.text.WordLimits;
import dev.unfold.head.Head;
import dev.unfold.model.Encoder;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.task.CorpusTask;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.data.Windows;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// A [TrainingJob] of text: each row has a line.
final class TextChoice {
  static final Set<String> NAMES =
      Set.of("text", "unit", "lines", "steps", "embedding", "sampled", "min-count", "max-words");

  private static final int SYMBOL_EMBEDDING = 64;

  private TextChoice() {}

  static TrainingJob.Parts parts(TrainingJob job) {
    NamedOptions options = job.options();
    NetworkChoice network = new NetworkChoice(options);
    CorpusOptions reading = reading(options);
    TextForm form = reading.form();
    Corpus corpus = read(job, options.text("text", "value"), reading);
    CorpusTask task = CorpusTask.of(form, corpus, options.seed());
    int tokens = corpus.vocabulary().size();
    Encoder encoder = new Encoder.Embedding(tokens, width(options));
    NetworkSpec spec = network.spec(encoder, new Head.Classes(tokens), 0);
    if (spec.directions() > 1) {
      throw new Refusal(
          "layers",
          "layers that read forwards, to predict what comes next",
          options.text("layers", ""));
    }
    TrainingOptions given =
        TrainingChoice.of(options, TrainingOptions.defaults())
            .with(
                options
                    .find("steps")
                    .map(Windows::parse)
                    .orElse(TrainingOptions.defaults().windows()))
            .withSampled(options.whole("sampled", 0));
    return new TrainingJob.Parts(
        task, spec, form == TextForm.STREAM ? given : given.withSteps(task.steps(given.steps())));
  }

  /// I
  static int width(NamedOptions options) {
    NetworkChoice network = new NetworkChoice(options);
    boolean isWide = unit(options.text("unit", "char")) == Unit.WORD || network.isTied();
    return options.whole("embedding", isWide ? network.hidden(0) : SYMBOL_EMBEDDING);
  }

  /// The head of a network of two tokens, to check the options with.
  static Head head(NamedOptions options) {
    reading(options);
    return new Head.Classes(2);
  }

  private static CorpusOptions reading(NamedOptions options) {
    TextForm form = options.isSet("lines") ? TextForm.LINES : TextForm.STREAM;
    if (form == TextForm.LINES && options.has("steps")) {
      throw new Refusal("steps", "none beside lines, of which each is one window", "one");
    }
    WordLimits limits =
        new WordLimits(
            options.whole("min-count", 1), options.whole("max-words", WordLimits.NONE.most()));
    return CorpusOptions.of(unit(options.text("unit", "char")))
        .with(form)
        .with(limits)
        .withSeed(options.seed());
  }

  private static Unit unit(String text) {
    for (Unit unit : Unit.values()) {
      if (unit.name().toLowerCase(Locale.ROOT).equals(text)) {
        return unit;
      }
    }
    throw new Refusal("unit", "char, word or byte", text);
  }

  /// Texts are read from files; that of rows is one for as long as it takes, and goes by the name of the rows.
  private static Corpus read(TrainingJob job, String column, CorpusOptions reading) {
    try (Table table = Table.of(job.rows(), TableOptions.defaults())) {
      int text = table.column("text", column).index();
      Path file = Files.createTempFile("unfold-", ".txt");
      try {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
          table.rows(row -> {
            try {
              out.write(row.text(text));
              out.write('\n');
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
        }
        Corpus corpus = read(file, job.rows().name(), reading);
        return new Corpus(
            corpus.vocabulary(),
            named(corpus.training(), job.rows().name()),
            named(corpus.validation(), job.rows().name()));
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          job.rows().name() + ": cannot be copied: " + e.getMessage(), e);
    }
  }

  private static Corpus read(Path file, String name, CorpusOptions reading) {
    try {
      return Corpus.read(List.of(file), reading);
    } catch (DataException e) {
      throw new DataException(e.getMessage().replace(file.toString(), name), e);
    }
  }

  private static Text named(Text text, String name) {
    List<Source> sources =
        text.sources().stream()
            .map(source -> new Source(name, source.bytes(), source.sha256()))
            .toList();
    return new Text(name, text.tokens(), text.replaced(), sources);
  }
}
