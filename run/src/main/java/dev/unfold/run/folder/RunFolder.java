package dev.unfold.run.folder;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.run.output.OutputFile;
import dev.unfold.sequence.Batch;
import dev.unfold.train.Progress;
import dev.unfold.train.TrainerState;
import dev.unfold.train.TrainingEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The folder that a training run lives in, so that it can go on after any interruption: its [Checkpoints];
/// `config.txt`, the options; `run.json`, its [Description]; and its [Metrics] and [FlowWatch].
///
/// One run at a time has it ([FolderLock]). Files are written as a whole ([AtomicFile]), but for lines that are added
/// to histories. A checkpoint is the last that is written of an update, and what goes on from it first forgets what
/// histories have from later; so after any number of interruptions the folder is that of a run without one, but for
/// times.
public final class RunFolder implements AutoCloseable {
  private static final String CONFIG = "config.txt";
  private static final String MADE = "run.json";

  /// Files that are written under another name first, and such a name; some were named otherwise before.
  private static final Pattern LEFT_OVER =
      Pattern.compile(
          "\\.((checkpoint-\\d+|model)\\.safetensors\\.|config\\.txt\\.|run\\.json\\.|(metrics|flow)\\.jsonl\\.|"
              + "events\\.out\\.tfevents\\.unfold\\.)?(\\p{XDigit}{32}|\\d{1,20})\\.tmp");

  private final Path folder;
  private final Checkpoints checkpoints;
  private final Description description;
  private final long every;
  private final List<String> options;
  private final Metrics metrics;
  private final FlowWatch watch;

  /// Null before the folder is taken.
  private FolderLock lock;

  /// Whether the folder was made for a new run that has not begun yet: nobody misses it then.
  private boolean isNew;

  /// Whether there is a new run's file of options and nothing else of it.
  private boolean isPrepared;

  /// @param every updates between checkpoints
  /// @param watch updates between two looks at the error flow; 0 for none
  /// @param options as a `--config` file
  public RunFolder(Path folder, long every, long watch, List<String> options) {
    this.folder = folder;
    this.every = every;
    this.options = options;
    checkpoints = new Checkpoints(folder, every);
    description = new Description(folder.resolve(MADE));
    metrics = new Metrics(folder);
    this.watch = new FlowWatch(folder, watch);
  }

  /// Whether a folder is that of a run that has begun.
  public static boolean isRun(Path folder) {
    return !isMissing(folder.resolve(MADE));
  }

  /// Takes the folder for a new run.
  ///
  /// **Errors**: [IllegalArgumentException] if another run is there, or the folder can't be made or written to, or is
  /// in use.
  public void begin() {
    boolean wasThere = Files.exists(folder);
    take();
    isNew = !wasThere;
    if (!checkpoints.isEmpty() || !metrics.isEmpty()) {
      throw new Refusal(
          "run", "a folder without a run in it, or --resume to go on with it", folder);
    }
    isPrepared = isMissing(folder.resolve(CONFIG));
    write(CONFIG, options);
  }

  /// Takes the folder of a run that is to go on.
  ///
  /// **Errors**: [IllegalArgumentException] if there is no such folder, or it can't be written to, or is in use;
  /// [FormatException] if what the run wrote down is spoilt.
  public void open() {
    if (!Files.isDirectory(folder)) {
      throw new Refusal("run", "the folder of a run", folder);
    }
    take();
    metrics.check();
    watch.check();
    description.read();
  }

  /// Begins the histories of a new run, and writes down what it is made of.
  public void describe(Model run, int threads) {
    isNew = false;
    isPrepared = false;
    write(MADE, Description.lines(run, threads));
    metrics.clear();
    watch.clear();
  }

  private void write(String name, List<String> lines) {
    String content = lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    AtomicFile.write(folder.resolve(name), content.getBytes(StandardCharsets.UTF_8));
  }

  /// Whether a file is not there, or was never filled: before files were written as a whole, a process that was killed
  /// could leave an empty one.
  static boolean isMissing(Path file) {
    try {
      return Files.size(file) == 0;
    } catch (IOException e) {
      return true;
    }
  }

  /// Where the run was, with all that it wrote down by then and nothing more; empty if it had no checkpoint yet, and
  /// begins anew.
  ///
  /// @param run the network with what its training is told
  /// @param notes is told what the user should know
  ///
  /// **Errors**: [IllegalArgumentException] if the run was told something else or computed with another backend;
  /// [FormatException] if no checkpoint can be read.
  public Optional<TrainerState> resume(Model run, int threads, Consumer<String> notes) {
    description.read().ifPresent(was -> description.expectSame(was, run, notes));
    if (checkpoints.isEmpty()) {
      write(CONFIG, options);
      describe(run, threads);
      return Optional.empty();
    }
    TrainerState state = checkpoints.lastGood(run, notes);
    Progress progress = state.progress();
    if (isMissing(folder.resolve(CONFIG))) {
      write(CONFIG, options);
    }
    if (isMissing(folder.resolve(MADE))) {
      write(MADE, Description.lines(run, threads));
    }
    metrics.keep(progress.updates(), progress.lastUpdate());
    watch.keep(progress.updates());
    return Optional.of(state);
  }

  /// Writes down how the errors flow after update `update`, if somebody watches and it is time.
  public void watch(long update, Network network, Team team, Supplier<Batch> sample) {
    if (watch.isDue(update)) {
      watch.add(update, network, team, sample.get());
    }
  }

  private void take() {
    try {
      Files.createDirectories(folder);
      lock = FolderLock.of(folder);
      Files.delete(Files.createTempFile(folder, ".", ".tmp"));
      try (Stream<Path> files = Files.list(folder)) {
        // What a process left that was killed while it wrote.
        for (Path file : files.filter(RunFolder::isLeftOver).toList()) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw OutputFile.refusal("run", "a folder that can be made and written to", folder, e);
    }
  }

  private static boolean isLeftOver(Path file) {
    return LEFT_OVER.matcher(file.getFileName().toString()).matches();
  }

  /// Updates between checkpoints, besides those after validations.
  public long every() {
    return every;
  }

  /// Writes a checkpoint, unless the parameters are no longer numbers that training can go on from, and deletes the
  /// oldest beyond those that are kept.
  public void save(TrainerState state, Model run) {
    if (state.parameters().firstNonFinite() != null) {
      return;
    }
    metrics.force();
    watch.force();
    checkpoints.save(run, state);
  }

  /// Writes down what happened, if it is to be.
  public void add(TrainingEvent event) {
    switch (event) {
      case TrainingEvent.Updated updated -> metrics.add(updated);
      case TrainingEvent.Adapted adapted -> metrics.add(adapted);
      case TrainingEvent.Validated validation -> metrics.add(validation);
      default -> {}
    }
  }

  /// The file of the checkpoint after `updates` updates.
  public Path checkpoint(long updates) {
    return checkpoints.after(updates);
  }

  /// `checkpoint-12.safetensors`, the last one, if there is any.
  public Optional<Path> last() {
    return checkpoints.last();
  }

  /// Gives the folder back. Of a new run that never began, because its data were refused for example, nothing is left.
  @Override
  public void close() {
    if (lock == null) {
      return;
    }
    if (isPrepared) {
      remove(folder.resolve(CONFIG));
    }
    if (isNew) {
      lock.remove(folder);
    }
    lock.close();
    lock = null;
    if (isNew) {
      remove(folder);
    }
  }

  /// Only an empty folder goes; what cannot be removed stays.
  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      System.getLogger(RunFolder.class.getName())
          .log(System.Logger.Level.DEBUG, "what never began could not be removed", e);
    }
  }
}
