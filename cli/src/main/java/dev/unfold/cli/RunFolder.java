package dev.unfold.cli;

import dev.unfold.formats.CheckpointFile;
import dev.unfold.formats.LanguageModel;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainerState;
import dev.unfold.train.TrainingEvent;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The folder that a training run lives in, so that it can go on after any interruption: `checkpoint-N.safetensors` after N
/// updates, the last [#KEPT] of them, and `metrics.jsonl`, a line for each validation.
final class RunFolder {
  private static final int KEPT = 2;
  private static final String METRICS = "metrics.jsonl";
  private static final Pattern CHECKPOINT = Pattern.compile("checkpoint-(\\d{1,18})\\.safetensors");
  private static final Pattern UPDATE = Pattern.compile("\"update\":(\\d{1,18})");

  private final Path folder;
  private final long every;

  /// The update after which the last validation was; -1 before the first.
  private long validated = -1;

  /// @param every updates between checkpoints
  RunFolder(Path folder, long every) {
    this.folder = folder;
    this.every = every;
    if (every < 1) {
      throw new IllegalArgumentException("checkpoint: expected 1 update or more, got " + every);
    }
  }

  /// Begins a new run.
  ///
  /// **Errors**: [IllegalArgumentException] if another run is there, or the folder can't be made or written to.
  void begin() {
    create();
    if (!checkpoints().isEmpty() || !metrics().isEmpty()) {
      throw new IllegalArgumentException(
          "run: expected a folder without a run in it, or --resume to go on with it, got "
              + folder);
    }
    metrics(List.of());
  }

  /// Where the run was; empty if it had no checkpoint yet, and begins anew.
  ///
  /// @param run the network with what its training is told
  ///
  /// **Errors**: [IllegalArgumentException] if there is no such folder; `FormatException` if the run was told something else.
  Optional<TrainerState> resume(LanguageModel run) {
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException("run: expected the folder of a run, got " + folder);
    }
    create();
    List<Path> checkpoints = checkpoints();
    if (checkpoints.isEmpty()) {
      metrics(List.of());
      return Optional.empty();
    }
    TrainerState state = CheckpointFile.load(checkpoints.getLast(), run);
    long last = state.counts().updates();
    metrics(metrics().stream().filter(line -> update(line) <= last).toList());
    return Optional.of(state);
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

  /// Writes a checkpoint, and deletes the oldest beyond those that are kept.
  void save(Trainer trainer, LanguageModel run) {
    TrainerState state = trainer.state();
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

  private record Metric(long update, int epoch, Double training, double validation, boolean best) {}

  /// Writes down a validation.
  void add(TrainingEvent.Validated event) {
    validated = event.update();
    Metric metric =
        new Metric(
            event.update(),
            event.epoch(),
            Json.finite(event.trainingLoss()),
            event.validation().mean(),
            event.best());
    try (PrintWriter out =
        new PrintWriter(
            Files.newBufferedWriter(
                folder.resolve(METRICS),
                StandardCharsets.UTF_8,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND))) {
      Json.print(out, metric);
    } catch (IOException e) {
      throw new FailureException(folder.resolve(METRICS) + ": expected to append to it: " + e, e);
    }
  }

  private List<String> metrics() {
    Path file = folder.resolve(METRICS);
    try {
      return Files.exists(file) ? Files.readAllLines(file) : new ArrayList<>();
    } catch (IOException e) {
      throw new FailureException(file + ": expected a file that can be read: " + e, e);
    }
  }

  private void metrics(List<String> lines) {
    Path file = folder.resolve(METRICS);
    try {
      Files.write(file, lines);
    } catch (IOException e) {
      throw new FailureException(file + ": expected a file that can be written: " + e, e);
    }
  }

  private static long update(String line) {
    Matcher matcher = UPDATE.matcher(line);
    return matcher.find() ? Long.parseLong(matcher.group(1)) : Long.MAX_VALUE;
  }
}
