package dev.unfold.run.folder;

import dev.unfold.formats.model.CheckpointFile;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.run.output.FailureException;
import dev.unfold.train.TrainerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The checkpoints in the folder of a run: `checkpoint-N.safetensors` after N updates, the last [#KEPT] of them.
final class Checkpoints {
  private static final int KEPT = 2;
  private static final Pattern NAME = Pattern.compile("checkpoint-(\\d{1,18})\\.safetensors");

  private final Path folder;
  private final long every;

  /// @param every updates between checkpoints
  Checkpoints(Path folder, long every) {
    this.folder = folder;
    this.every = every;
  }

  /// From the first to the last.
  private List<Path> all() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> NAME.matcher(file.getFileName().toString()).matches())
          .sorted(Comparator.comparingLong(Checkpoints::number))
          .toList();
    } catch (IOException e) {
      throw new FailureException(folder + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  private static long number(Path checkpoint) {
    Matcher matcher = NAME.matcher(checkpoint.getFileName().toString());
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
  }

  boolean isEmpty() {
    return all().isEmpty();
  }

  /// `checkpoint-12.safetensors`, the last one, if there is any.
  Optional<Path> last() {
    List<Path> all = all();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
  }

  /// The one after `updates` updates.
  Path after(long updates) {
    return folder.resolve("checkpoint-" + updates + ".safetensors");
  }

  /// From the last checkpoint that can be read, with a note on those that can't.
  TrainerState lastGood(Model run, Consumer<String> notes) {
    List<RuntimeException> failures = new ArrayList<>();
    for (Path file : all().reversed()) {
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

  /// Writes one, and deletes the oldest beyond those that are kept.
  void save(Model run, TrainerState state) {
    long updates = state.progress().updates();
    CheckpointFile.save(after(updates), run, state);
    prune(updates);
  }

  /// Deletes all checkpoints but that of `update` and those before it that were due, up to [#KEPT] in all. One that
  /// was written because somebody stopped the run is not among those of a run that nobody stopped.
  private void prune(long update) {
    List<Path> before =
        all().reversed().stream()
            .filter(file -> number(file) < update && wasDue(file))
            .limit(KEPT - 1)
            .toList();
    for (Path file : all()) {
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
}
