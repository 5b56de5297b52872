package dev.unfold.run.folder;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.model.CheckpointFile;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.Provenance;
import dev.unfold.formats.model.Provenance.DataFile;
import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.run.output.FailureException;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.OutputFile;
import dev.unfold.sequence.Batch;
import dev.unfold.train.Progress;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainerState;
import dev.unfold.train.TrainingEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// The folder that a training run lives in, so that it can go on after any interruption: `checkpoint-N.safetensors`
/// after N updates, the last [#KEPT] of them; `config.txt`, the options; `run.json`, what the run is made of; and its
/// [Metrics] and [FlowWatch].
///
/// One run at a time has it ([FolderLock]). Files are written as a whole ([AtomicFile]), but for lines that are added
/// to histories. A checkpoint is the last that is written of an update, and what goes on from it first forgets what
/// histories have from later; so after any number of interruptions the folder is that of a run without one, but for
/// times.
public final class RunFolder implements AutoCloseable {
  private static final int KEPT = 2;
  private static final String CONFIG = "config.txt";
  private static final String MADE = "run.json";
  private static final Pattern CHECKPOINT = Pattern.compile("checkpoint-(\\d{1,18})\\.safetensors");

  /// Files that are written under another name first, and such a name; some were named otherwise before.
  private static final Pattern LEFT_OVER =
      Pattern.compile(
          "\\.((checkpoint-\\d+|model)\\.safetensors\\.|config\\.txt\\.|run\\.json\\.|(metrics|flow)\\.jsonl\\.|"
              + "events\\.out\\.tfevents\\.unfold\\.)?(\\p{XDigit}{32}|\\d{1,20})\\.tmp");

  private final Path folder;
  private final long every;
  private final List<String> options;
  private final Metrics metrics;
  private final FlowWatch watch;

  /// Null before the folder is taken.
  private FolderLock lock;

  /// The update after which the last validation was; -1 before the first.
  private long validated = -1;

  /// @param every updates between checkpoints
  /// @param watch updates between two looks at the error flow; 0 for none
  /// @param options as a `--config` file
  public RunFolder(Path folder, long every, long watch, List<String> options) {
    this.folder = folder;
    this.every = every;
    this.options = options;
    metrics = new Metrics(folder);
    this.watch = new FlowWatch(folder, watch);
  }

  /// Takes the folder for a new run.
  ///
  /// **Errors**: [IllegalArgumentException] if another run is there, or the folder can't be made or written to, or is
  /// in use.
  public void begin() {
    take();
    if (!checkpoints().isEmpty() || !metrics.isEmpty()) {
      throw new Refusal(
          "run", "a folder without a run in it, or --resume to go on with it", folder);
    }
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
    made();
  }

  /// What a run is made of.
  ///
  /// @param java of the process that began it
  /// @param backend that computes
  /// @param computing what that runs with
  /// @param told as a checkpoint has it
  private record Made(
      String version,
      String java,
      String backend,
      String computing,
      int threads,
      long seed,
      SortedMap<String, String> told,
      List<DataFile> training,
      List<DataFile> validation) {}

  /// Begins the histories of a new run, and writes down what it is made of.
  public void describe(Model run, int threads) {
    write(MADE, List.of(Json.tree(made(run, threads)).toString()));
    metrics.clear();
    watch.clear();
  }

  private static Made made(Model run, int threads) {
    Provenance provenance = run.provenance().orElseThrow();
    Kernels kernels = run.network().kernels();
    return new Made(
        provenance.version(),
        Runtime.version().toString(),
        kernels.name(),
        kernels.description(),
        threads,
        provenance.beginning().seed(),
        CheckpointFile.told(run),
        provenance.training(),
        provenance.validation());
  }

  private void write(String name, List<String> lines) {
    String content = lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    AtomicFile.write(folder.resolve(name), content.getBytes(StandardCharsets.UTF_8));
  }

  /// Whether a file is not there, or was never filled: before files were written as a whole, a process that was killed
  /// could leave an empty one.
  private boolean isMissing(String name) {
    try {
      return Files.size(folder.resolve(name)) == 0;
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
    made().ifPresent(was -> expectSame(was, run, notes));
    if (checkpoints().isEmpty()) {
      write(CONFIG, options);
      describe(run, threads);
      return Optional.empty();
    }
    TrainerState state = lastGood(run, notes);
    Progress progress = state.progress();
    if (isMissing(CONFIG)) {
      write(CONFIG, options);
    }
    if (isMissing(MADE)) {
      write(MADE, List.of(Json.tree(made(run, threads)).toString()));
    }
    metrics.keep(progress.updates(), progress.lastUpdate());
    watch.keep(progress.updates());
    return Optional.of(state);
  }

  /// What the run was made of, if it says so.
  private Optional<JsonNode> made() {
    if (isMissing(MADE)) {
      return Optional.empty();
    }
    Path file = folder.resolve(MADE);
    if (!Files.isRegularFile(file)) {
      throw spoilt(file, null);
    }
    try {
      JsonNode was = Json.read(Files.readString(file));
      JsonNode told = was.path("told");
      boolean isTold =
          told.isMissingNode()
              || (told.isObject() && told.valueStream().allMatch(JsonNode::isString));
      boolean isComputing = !was.has("computing") || was.path("computing").isString();
      if (was.path("backend").isString() && isComputing && isTold) {
        return Optional.of(was);
      }
    } catch (IOException | JacksonException e) {
      throw spoilt(file, e);
    }
    throw spoilt(file, null);
  }

  private static FormatException spoilt(Path file, Exception cause) {
    return new FormatException(
        file + ": expected a JSON object that says what the run is made of, got something else",
        cause);
  }

  private void expectSame(JsonNode was, Model run, Consumer<String> notes) {
    String backend = backend(was.path("backend").asString());
    String now = run.network().kernels().name();
    if (!backend.equals(now)) {
      throw new Refusal("backend", "%s, which the run was begun with".formatted(backend), now);
    }
    // On another machine, perhaps: the width of vectors makes no difference to results, but others
    // may.
    String computing = run.network().kernels().description();
    String before = was.path(was.has("computing") ? "computing" : "backend").asString();
    if (!before.equals(computing)) {
      notes.accept("the run was begun with %s, and goes on with %s".formatted(before, computing));
    }
    SortedMap<String, String> told = new TreeMap<>();
    was.path("told").forEachEntry((name, text) -> told.put(name, text.asString()));
    if (!told.isEmpty()) {
      CheckpointFile.expectSame(folder.resolve(MADE).toString(), CheckpointFile.told(run), told);
    }
  }

  /// Runs that were begun before it had a name described it: `Vector API, 512 bits, ...` or `plain loops, ...`.
  private static String backend(String text) {
    if (text.startsWith("Vector API")) {
      return "vector";
    }
    return text.startsWith("plain loops") ? "scalar" : text;
  }

  /// From the last checkpoint that can be read, with a note on those that can't.
  private TrainerState lastGood(Model run, Consumer<String> notes) {
    List<RuntimeException> failures = new ArrayList<>();
    for (Path file : checkpoints().reversed()) {
      try {
        TrainerState state = CheckpointFile.load(file, run);
        long updates = state.progress().updates();
        if (updates != number(file)) {
          throw new FormatException(
              "%s: expected a state after %d updates, got one after %d"
                  .formatted(file, number(file), updates));
        }
        failures.forEach(
            failure -> notes.accept(failure.getMessage() + "; going on from " + file + " instead"));
        prune(updates);
        return state;
      } catch (FormatException | IllegalArgumentException e) {
        failures.add(e);
      }
    }
    // Other options are the more likely reason, where there is one.
    throw failures.stream()
        .filter(IllegalArgumentException.class::isInstance)
        .findFirst()
        .orElse(failures.getFirst());
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

  /// From the first to the last.
  private List<Path> checkpoints() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> CHECKPOINT.matcher(file.getFileName().toString()).matches())
          .sorted(Comparator.comparingLong(RunFolder::number))
          .toList();
    } catch (IOException e) {
      throw new FailureException(folder + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  private static long number(Path checkpoint) {
    Matcher matcher = CHECKPOINT.matcher(checkpoint.getFileName().toString());
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
  }

  /// Whether there is to be a checkpoint after this update: after each that is validated, too.
  public boolean isDue(long update) {
    return update % every == 0 || update == validated;
  }

  /// Writes a checkpoint, unless the parameters are no longer numbers that training can go on from, and deletes the
  /// oldest beyond those that are kept.
  public void save(Trainer trainer, Model run) {
    TrainerState state = trainer.state();
    if (state.parameters().firstNonFinite() != null) {
      return;
    }
    metrics.force();
    watch.force();
    long updates = state.progress().updates();
    CheckpointFile.save(folder.resolve("checkpoint-" + updates + ".safetensors"), run, state);
    prune(updates);
  }

  /// Deletes all checkpoints but that of `update` and those before it that were due, up to [#KEPT] in all. One that
  /// was written because somebody stopped the run is not among those of a run that nobody stopped.
  private void prune(long update) {
    List<Path> before =
        checkpoints().reversed().stream()
            .filter(file -> number(file) < update && wasDue(file))
            .limit(KEPT - 1)
            .toList();
    for (Path file : checkpoints()) {
      // Later ones could not be read, and will be written again.
      if (number(file) < update && !before.contains(file)) {
        delete(file);
      }
    }
  }

  private boolean wasDue(Path checkpoint) {
    if (number(checkpoint) % every == 0) {
      return true;
    }
    try {
      return CheckpointFile.isAfterValidation(checkpoint);
    } catch (FormatException e) {
      return false;
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new FailureException(file + ": cannot be deleted: " + AtomicFile.reason(e), e);
    }
  }

  /// Writes down what happened, if it is to be.
  public void add(TrainingEvent event) {
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
  public Optional<Path> last() {
    List<Path> all = checkpoints();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
  }

  /// Gives the folder back.
  @Override
  public void close() {
    if (lock != null) {
      lock.close();
      lock = null;
    }
  }
}
