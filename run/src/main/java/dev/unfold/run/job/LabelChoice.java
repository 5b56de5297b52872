package dev.unfold.run.job;

import dev.unfold.argument.Refusal;
import dev.unfold.data.label.EventsFormat;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LabelledSequence;
import dev.unfold.data.label.RowFormat;
import dev.unfold.data.label.TextFormat;
import dev.unfold.data.table.Table;
import dev.unfold.data.table.TableOptions;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.kernels.Precision;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Wiring;
import dev.unfold.run.label.Decoding;
import dev.unfold.run.label.LabelOptions;
import dev.unfold.run.label.LabelTraining;
import dev.unfold.train.TrainingOptions;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A [TrainingJob] of labels. The rows of a tagger are words, in the columns [#SENTENCE], [#WORD] and [#TAG].
public final class LabelChoice {
  /// The column that tells the sentences of a tagger apart: a number that changes with each.
  public static final String SENTENCE = "sentence";

  /// The column of the words of a tagger.
  public static final String WORD = "word";

  /// The column of the tags of a tagger.
  public static final String TAG = "tag";

  static final Set<String> OF_CLASSIFIER =
      Set.of(
          "text",
          "label",
          "by",
          "time",
          "features",
          "pooling",
          "embedding",
          "min-count",
          "validate");

  static final Set<String> OF_TAGGER =
      Set.of("chars", "decode", "embedding", "min-count", "validate");

  private static final double SHARE = 0.1;

  private LabelChoice() {}

  static LabelOptions usual(TrainingJob.Kind kind) {
    return kind == TrainingJob.Kind.TAGS ? LabelOptions.ofTagger() : LabelOptions.ofClassifier();
  }

  /// What is usual for the network.
  static Map<String, String> usual(LabelOptions usual) {
    return Map.of(
        "cell", usual.cell().name(),
        "hidden", Integer.toString(usual.hidden()),
        "layers", Integer.toString(usual.layers()),
        "dropout", usual.noise().text());
  }

  /// How a classifier's rows are read.
  ///
  /// **Errors**: a [Refusal] that names the option.
  public static RowFormat format(NamedOptions options) {
    boolean isText = options.has("text");
    if (isText == options.has("by")) {
      throw new Refusal("text", "either text or by", isText ? "both" : "none");
    }
    String label =
        options
            .find("label")
            .orElseThrow(() -> new Refusal("label", "the column of labels", "none"));
    if (isText && (options.has("time") || options.has("features"))) {
      throw new Refusal("time, features", "by beside them", "text");
    }
    return isText
        ? new TextFormat(options.text("text", ""), label)
        : EventsFormat.of(
            options.text("by", ""), options.text("time", ""), label, options.list("features"));
  }

  static TrainingJob.Parts parts(TrainingJob job, Precision precision) {
    NamedOptions options = job.options();
    boolean isTagger = job.kind() == TrainingJob.Kind.TAGS;
    LabelOptions usual = usual(job.kind());
    LabelOptions labels = labels(options, usual);
    LabelledData all;
    try (Table table = Table.of(job.rows(), TableOptions.defaults())) {
      all =
          isTagger
              ? Sentences.read(table, LabelFormat.Labels.REQUIRED)
              : format(options).read(table, LabelFormat.Labels.REQUIRED);
    }
    List<LabelledData> split = all.split(options.number("validate", SHARE), options.seed());
    LabelTraining training =
        isTagger
            ? LabelTraining.ofSteps(split.getFirst(), split.getLast(), labels, precision)
            : LabelTraining.ofSequences(split.getFirst(), split.getLast(), labels, precision);
    NetworkSpec network =
        new NetworkChoice(options.or(usual(usual)))
            .spec(training.encoder(), training.head(), usual.hidden())
            .with(Wiring.BIDIRECTIONAL);
    int steps =
        split.getFirst().sequences().stream().mapToInt(LabelledSequence::steps).max().orElseThrow();
    TrainingOptions how = TrainingChoice.of(options, usual.training()).withSteps(steps);
    return new TrainingJob.Parts(training.task(), network, how);
  }

  /// The head of a network of two classes, to check the options with.
  static Head head(NamedOptions options) {
    LabelOptions usual = labels(options, LabelOptions.ofClassifier());
    double share = options.number("validate", SHARE);
    if (!(share > 0 && share < 1)) {
      throw new Refusal("validate", "a share above 0 and below 1", share);
    }
    return new PooledHead(new Head.Classes(2), usual.pooling());
  }

  private static LabelOptions labels(NamedOptions options, LabelOptions usual) {
    LabelOptions own =
        usual
            .withEmbedding(options.whole("embedding", usual.embedding()))
            .withLeast(options.whole("min-count", usual.least()))
            .with(options.find("pooling").map(LabelChoice::pooling).orElse(usual.pooling()))
            .withSeed(options.seed());
    LabelOptions looking = options.isSet("chars") ? own.with(LabelOptions.Look.CHARACTERS) : own;
    String decode = options.text("decode", "auto");
    return decode.equals("auto") ? looking : looking.with(Decoding.parse(decode));
  }

  private static Pooling pooling(String text) {
    for (Pooling pooling : Pooling.values()) {
      if (pooling.text().equals(text)) {
        return pooling;
      }
    }
    throw new Refusal("pooling", "max, mean or last", text);
  }
}
