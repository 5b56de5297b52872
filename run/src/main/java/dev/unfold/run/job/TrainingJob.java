package dev.unfold.run.job;

import dev.unfold.argument.Refusal;
import dev.unfold.data.table.RowCopy;
import dev.unfold.formats.model.Provenance;
import dev.unfold.head.Head;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.init.Initialization;
import dev.unfold.run.TrainingRun;
import dev.unfold.run.folder.RunFolder;
import dev.unfold.run.task.Task;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.Workers;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// A training by options and rows, wherever it is to run: the same options and rows are the same model, bit for bit.
///
/// @param kind what is learned
/// @param options by their names on the command line
/// @param rows what is learned from and validated on
public record TrainingJob(Kind kind, NamedOptions options, RowCopy rows) {
  /// What can be learned of rows.
  public enum Kind {
    /// What comes next in series.
    SERIES,
    /// The class of a text, or of events.
    CLASSIFY,
    /// The tag of each word of a sentence.
    TAGS,
    /// The next token of a text.
    TEXT;

    /// The options that say something of it, beside those of networks, training and start.
    Set<String> own() {
      return switch (this) {
        case SERIES -> SeriesChoice.NAMES;
        case CLASSIFY -> LabelChoice.OF_CLASSIFIER;
        case TAGS -> LabelChoice.OF_TAGGER;
        case TEXT -> TextChoice.NAMES;
      };
    }

    /// The names of all options that say something of a training of this kind.
    public Set<String> names() {
      Set<String> names = new TreeSet<>(own());
      names.addAll(NetworkChoice.NAMES);
      names.addAll(TrainingChoice.NAMES);
      names.addAll(START);
      return names;
    }

    /// As the command line calls it.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final Set<String> START = Set.of("init", "seed");

  /// Checks what can be checked of options without rows.
  ///
  /// **Errors**: a [Refusal] that names the first that cannot be used.
  public static void check(Kind kind, NamedOptions options) {
    new TrainingJob(kind, options, new RowCopy("rows", List.of(), List.of())).check();
  }

  private void check() {
    options.expectOnly(kind.names());
    Head head =
        switch (kind) {
          case SERIES -> {
            SeriesChoice choice = new SeriesChoice(options);
            choice.forecast();
            choice.columns();
            choice.given();
            yield choice.output().head();
          }
          case CLASSIFY -> {
            LabelChoice.format(options);
            yield LabelChoice.head(options);
          }
          case TAGS -> LabelChoice.head(options);
          case TEXT -> TextChoice.head(options);
        };
    boolean isText = kind == Kind.TEXT;
    NetworkChoice network = new NetworkChoice(options.or(usual()));
    Encoder encoder =
        isText ? new Encoder.Embedding(2, TextChoice.width(options)) : new Encoder.Vectors(1);
    TrainingOptions training = TrainingChoice.of(options, TrainingOptions.defaults());
    IdleOptions.check(network.spec(encoder, head, 1), beginning().initialization(), training);
  }

  /// What is to be trained, before it is known where.
  record Parts(Task task, NetworkSpec network, TrainingOptions options) {}

  /// The run that it asks for.
  ///
  /// @param model where the best model goes
  /// @param folder where checkpoints go, if there are to be any
  ///
  /// **Errors**: [Refusal] that names the option; [dev.unfold.data.source.DataException] that names the column.
  public TrainingRun run(Kernels kernels, Team team, Path model, Optional<RunFolder> folder) {
    return run(
        kernels,
        team,
        model,
        folder,
        new TrainingRun.Share(Workers.alone(), folder.map(RunFolder::every).orElse(0L)));
  }

  /// The same, of which this process has a share.
  public TrainingRun run(
      Kernels kernels, Team team, Path model, Optional<RunFolder> folder, TrainingRun.Share share) {
    check();
    Provenance.Beginning beginning = beginning();
    Parts parts =
        switch (kind) {
          case SERIES -> SeriesJob.parts(this, kernels.precision());
          case CLASSIFY, TAGS -> LabelChoice.parts(this, kernels.precision());
          case TEXT -> TextChoice.parts(this);
        };
    IdleOptions.check(parts.network(), beginning.initialization(), parts.options());
    Network network =
        Network.create(parts.network(), kernels, beginning.seed(), beginning.initialization());
    parts.task().begin(network);
    return new TrainingRun(
        parts.task(), network, beginning, parts.options(), team, model, folder, share);
  }

  private Provenance.Beginning beginning() {
    Initialization initialization = Initialization.parse(options.text("init", "default"));
    initialization.check(new NetworkChoice(options.or(usual())).cells());
    return new Provenance.Beginning(options.seed(), initialization);
  }

  /// What is usual for its network.
  Map<String, String> usual() {
    return switch (kind) {
      case SERIES -> SeriesJob.USUAL;
      case CLASSIFY, TAGS -> LabelChoice.usual(LabelChoice.usual(kind));
      case TEXT -> Map.of();
    };
  }

  /// The lines of a `--config` file that say the same.
  public List<String> lines() {
    return new TreeMap<>(options.said())
        .entrySet().stream()
            .map(each -> each.getKey() + " = " + each.getValue().replaceAll("\\R", " "))
            .toList();
  }
}
