package dev.unfold.run.folder;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.model.CheckpointFile;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.Provenance;
import dev.unfold.formats.model.Provenance.DataFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.kernels.Kernels;
import dev.unfold.run.output.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// `run.json`: what a run is made of, so that nobody goes on with another by mistake.
final class Description {
  private final Path file;

  Description(Path file) {
    this.file = file;
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

  /// What the file has to say of `run`.
  static List<String> lines(Model run, int threads) {
    return List.of(Json.tree(made(run, threads)).toString());
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

  /// What the run was made of, if it says so.
  ///
  /// **Errors**: [FormatException] if the file is spoilt.
  Optional<JsonNode> read() {
    if (RunFolder.isMissing(file)) {
      return Optional.empty();
    }
    if (!Files.isRegularFile(file)) {
      throw spoilt(null);
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
      throw spoilt(e);
    }
    throw spoilt(null);
  }

  private FormatException spoilt(Exception cause) {
    return new FormatException(
        file + ": expected a JSON object that says what the run is made of, got something else",
        cause);
  }

  /// Checks that `run` is the one that `was` tells of; what differs and does no harm is noted.
  ///
  /// **Errors**: [IllegalArgumentException] if it was told something else, or computes with another backend.
  void expectSame(JsonNode was, Model run, Consumer<String> notes) {
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
      CheckpointFile.expectSame(file.toString(), CheckpointFile.told(run), told);
    }
  }

  /// Runs that were begun before it had a name described it: `Vector API, 512 bits, ...` or `plain loops, ...`.
  private static String backend(String text) {
    if (text.startsWith("Vector API")) {
      return "vector";
    }
    return text.startsWith("plain loops") ? "scalar" : text;
  }
}
