package dev.unfold.cli;

import dev.unfold.formats.CheckpointFile;
import dev.unfold.formats.Model;
import dev.unfold.formats.Provenance;
import dev.unfold.formats.Provenance.DataFile;
import dev.unfold.kernels.Team;
import dev.unfold.net.Batch;
import dev.unfold.net.Network;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainerState;
import dev.unfold.train.TrainingEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The folder that a training run lives in, so that it can go on after any interruption: `checkpoint-N.safetensors` after N
/// updates, the last [#KEPT] of them; `config.txt`, the options; `run.json`, what the run was made of; and its [Metrics] and
/// [FlowWatch].
final class RunFolder {
  private static final int KEPT = 2;
  private static final String CONFIG = "config.txt";
  private static final Pattern CHECKPOINT = Pattern.compile("checkpoint-(\\d{1,18})\\.safetensors");

  private final Path folder;
  private final long every;
  private final Metrics metrics;

  /// Null if nobody watches.
  private final FlowWatch watch;

  /// The update after which the last validation was; -1 before the first.
  private long validated = -1;

  /// @param every updates between checkpoints
  /// @param watch updates between two looks at the error flow; 0 for none
  RunFolder(Path folder, long every, long watch) {
    this.folder = folder;
    this.every = every;
    metrics = new Metrics(folder);
    this.watch = watch == 0 ? null : new FlowWatch(folder, watch);
    if (every < 1) {
      throw new IllegalArgumentException("checkpoint: expected 1 update or more, got " + every);
    }
  }

  /// Begins a new run.
  ///
  /// @param options as a [ConfigFile]
  ///
  /// **Errors**: [IllegalArgumentException] if another run is there, or the folder can't be made or written to.
  void begin(List<String> options) {
    create();
    if (!checkpoints().isEmpty() || !metrics.isEmpty()) {
      throw new IllegalArgumentException(
          "run: expected a folder without a run in it, or --resume to go on with it, got "
              + folder);
    }
    keep(0);
    write(CONFIG, options);
  }

  /// What a run was made of.
  ///
  /// @param java of the process that began it
  /// @param backend that computed
  private record Made(
      String version,
      String java,
      String backend,
      int threads,
      long seed,
      List<DataFile> training,
      List<DataFile> validation) {}

  /// Writes down what a run is made of.
  void describe(Model run, int threads) {
    Provenance provenance = run.provenance().orElseThrow();
    Made made =
        new Made(
            provenance.version(),
            Runtime.version().toString(),
            run.network().kernels().description(),
            threads,
            provenance.beginning().seed(),
            provenance.training(),
            provenance.validation());
    write("run.json", List.of(Json.tree(made).toString()));
  }

  private void write(String name, List<String> lines) {
    try {
      Files.write(folder.resolve(name), lines);
    } catch (IOException e) {
      throw new FailureException(folder.resolve(name) + ": expected to write it: " + e, e);
    }
  }

  /// Opens the folder of a run that is to go on.
  ///
  /// **Errors**: [IllegalArgumentException] if there is no such folder, or it can't be written to.
  void open() {
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException("run: expected the folder of a run, got " + folder);
    }
    create();
  }

  /// Where the run was; empty if it had no checkpoint yet, and begins anew.
  ///
  /// @param run the network with what its training is told
  ///
  /// **Errors**: `FormatException` if the run was told something else.
  Optional<TrainerState> resume(Model run) {
    List<Path> checkpoints = checkpoints();
    if (checkpoints.isEmpty()) {
      keep(0);
      return Optional.empty();
    }
    TrainerState state = CheckpointFile.load(checkpoints.getLast(), run);
    long last = state.counts().updates();
    keep(last);
    return Optional.of(state);
  }

  private void keep(long last) {
    metrics.keep(last);
    if (watch != null) {
      watch.keep(last);
    }
  }

  /// Writes down how the errors flow after update `update`, if somebody watches and it is time.
  void watch(long update, Network network, Team team, Supplier<Batch> sample) {
    if (watch != null && watch.isDue(update)) {
      watch.add(update, network, team, sample.get());
    }
  }

  private void create() {
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, ".", ".tmp"));
      try (Stream<Path> files = Files.list(folder)) {
        // What a process left that was killed while it wrote.
        for (Path file : files.filter(RunFolder::isLeftOver).toList()) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "run: expected a folder that can be made and written to, got " + folder, e);
    }
  }

  private static boolean isLeftOver(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith(".checkpoint-") && name.endsWith(".tmp");
  }

  /// From the first to the last.
  private List<Path> checkpoints() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> CHECKPOINT.matcher(file.getFileName().toString()).matches())
          .sorted(Comparator.comparingLong(RunFolder::number))
          .toList();
    } catch (IOException e) {
      throw new FailureException(folder + ": expected a folder that can be read: " + e, e);
    }
  }

  private static long number(Path checkpoint) {
    Matcher matcher = CHECKPOINT.matcher(checkpoint.getFileName().toString());
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
  }

  /// Whether there is to be a checkpoint after this update: after each that is validated, too.
  boolean isDue(long update) {
    return update % every == 0 || update == validated;
  }

  /// Writes a checkpoint, unless the parameters are no longer numbers that training can go on from, and deletes the oldest beyond those that are kept.
  void save(Trainer trainer, Model run) {
    TrainerState state = trainer.state();
    if (state.parameters().firstNonFinite() != null) {
      return;
    }
    String name = "checkpoint-" + state.counts().updates() + ".safetensors";
    CheckpointFile.save(folder.resolve(name), run, state);
    List<Path> all = checkpoints();
    for (Path old : all.subList(0, Math.max(0, all.size() - KEPT))) {
      try {
        Files.deleteIfExists(old);
      } catch (IOException e) {
        throw new FailureException(old + ": expected a file that can be deleted: " + e, e);
      }
    }
  }

  /// Writes down what happened, if it is to be.
  void add(TrainingEvent event) {
    switch (event) {
      case TrainingEvent.Updated updated -> metrics.add(updated);
      case TrainingEvent.Adapted adapted -> metrics.add(adapted);
      case TrainingEvent.Validated validation -> {
        validated = validation.update();
        metrics.add(validation);
      }
      default -> {}
    }
  }

  /// `checkpoint-12.safetensors`, the last one, if there is any.
  Optional<Path> last() {
    List<Path> all = checkpoints();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
  }
}
