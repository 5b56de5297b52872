package dev.unfold.run.learn;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.WriteException;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.OutputFile;
import dev.unfold.run.session.ModelVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// The files that learning leaves: for each promotion a model and, written after it, an object of JSON with its
/// numbers; for each rollback, and for each model that somebody else put in its place, an object alone.
///
///     000001-promotion.safetensors, 000001-promotion.json, 000002-rollback.json, 000003-replacement.json
///
/// The last 10 promotions are kept, and those that are in use.
///
/// Each file is whole or absent. What has no object has not happened: a model alone is what was left when a process was
/// killed between the two.
public final class LearnFolder {
  private static final Pattern NAME =
      Pattern.compile("(\\d{6})-(promotion|rollback|replacement)\\.(safetensors|json)");
  private static final String VERSION = "version";
  private static final String ORIGINAL = "original";
  private static final int DIGITS = 6;
  private static final int KEPT = 10;
  private static final int MOST = 999_999;

  private final Path folder;

  /// The version of the model that all began with.
  private String original;

  /// What a promotion left.
  record Written(int number, Path file, ModelVersion version) {}

  /// @param served what is served first: a model as it was given, or what [#latest] found
  LearnFolder(Path folder, ModelVersion served) {
    this.folder = Expect.given("folder", folder);
    if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw new Refusal("folder", "one that exists and can be written to", folder);
    }
    original = served.version();
    last(folder)
        .filter(record -> text(folder, record, VERSION).equals(served.version()))
        .ifPresent(record -> original = text(folder, record, ORIGINAL));
  }

  /// Another model is served from now on, as it was given.
  void original(ModelVersion served) {
    original = served.version();
  }

  /// What was served last by who learned in this folder.
  ///
  /// @param began the model that a server begins with
  /// @return empty if nothing was promoted, or that was rolled back, or it began with another model
  ///
  /// **Errors**: [FormatException] for an object or a model that cannot be read, or a model that is another than the
  /// object says.
  public static Optional<ModelVersion> latest(Path folder, ModelVersion began) {
    Expect.given("folder", folder);
    Expect.given("began", began);
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    Optional<JsonNode> last = last(folder);
    if (last.isEmpty()) {
      return Optional.empty();
    }
    String version = text(folder, last.get(), VERSION);
    if (!text(folder, last.get(), ORIGINAL).equals(began.version())
        || version.equals(began.version())) {
      return Optional.empty();
    }
    Path file = model(folder, version).orElseThrow(() -> gone(folder, version));
    ModelVersion promoted = ModelVersion.load(began.name(), file, began.network().kernels());
    if (!promoted.version().equals(version)) {
      throw gone(folder, version);
    }
    return Optional.of(promoted);
  }

  private static FormatException gone(Path folder, String version) {
    return new FormatException(
        "%s: expected the model of version %s, found none".formatted(folder, version));
  }

  /// What was decided last.
  private static Optional<JsonNode> last(Path folder) {
    return names(folder).stream()
        .filter(name -> name.toString().endsWith(".json"))
        .max(Comparator.comparing(Path::toString))
        .map(LearnFolder::read);
  }

  /// The model that a promotion to `version` wrote.
  private static Optional<Path> model(Path folder, String version) {
    for (Path name : names(folder)) {
      if (name.toString().endsWith("promotion.json")) {
        JsonNode record = read(name);
        if (text(name, record, VERSION).equals(version)) {
          return names(folder).stream()
              .filter(path -> path.getFileName().toString().equals(text(name, record, "file")))
              .findFirst();
        }
      }
    }
    return Optional.empty();
  }

  private static JsonNode read(Path file) {
    try {
      return Json.read(Files.readString(file));
    } catch (IOException | JacksonException e) {
      throw new FormatException(file + ": expected an object of JSON, got " + e.getMessage(), e);
    }
  }

  private static String text(Path file, JsonNode record, String name) {
    JsonNode text = record.get(name);
    if (text == null || !text.isString()) {
      throw new FormatException("%s: expected %s, got %s".formatted(file, name, text));
    }
    return text.stringValue();
  }

  private static List<Path> names(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> NAME.matcher(path.getFileName().toString()).matches())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new FormatException(folder + ": expected a folder that can be read, got " + e, e);
    }
  }

  /// Writes a model, and reads it again: what is served is what is in the file.
  ///
  /// **Errors**: [WriteException].
  Written promote(String name, Model model) {
    int number = next();
    Path file = folder.resolve("%06d-promotion.safetensors".formatted(number));
    ModelFile.save(file, model);
    return new Written(number, file, ModelVersion.load(name, file, model.network().kernels()));
  }

  /// Writes what was decided.
  ///
  /// @return where
  ///
  /// **Errors**: [WriteException]: nothing is there then.
  Path record(Decision decision, LearnOptions options) {
    Map<String, Object> members = decision.members();
    members.put(ORIGINAL, original);
    members.put("margin", options.contest().margin());
    members.put("deviations", options.contest().deviations());
    members.put("engine", options.engine());
    members.put("optimizer", options.rule().optimizer().text());
    members.put("rate", options.rule().learningRate());
    members.put("segment", options.segment());
    String kind = members.get("kind").toString();
    Path file = folder.resolve("%06d-%s.json".formatted(decision.number(), kind));
    OutputFile.write(file, Json.text(members) + "\n");
    return file;
  }

  /// Lets a model go that was written and not served.
  void takeBack(Written written) {
    delete(written.file());
  }

  /// Lets go of what was decided, and did not happen.
  void takeBack(Path note) {
    delete(note);
  }

  /// Lets go of promotions before the last 10, and of what was decided before those.
  ///
  /// @param used the versions that are needed as long as they are
  void prune(Set<String> used) {
    List<Integer> promotions =
        names(folder).stream()
            .filter(path -> path.toString().endsWith("promotion.json"))
            .map(LearnFolder::number)
            .toList();
    if (promotions.size() <= KEPT) {
      return;
    }
    int oldest = promotions.get(promotions.size() - KEPT);
    // An object comes before its model: without it a model says nothing.
    for (Path path : names(folder)) {
      if (number(path) < oldest && path.toString().endsWith(".json")) {
        boolean isUsed =
            path.toString().endsWith("promotion.json")
                && used.contains(text(path, read(path), VERSION));
        if (!isUsed) {
          delete(path);
          delete(folder.resolve("%06d-promotion.safetensors".formatted(number(path))));
        }
      }
    }
  }

  private static int number(Path path) {
    return Integer.parseInt(path.getFileName().toString().substring(0, DIGITS));
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": expected a file that can be deleted", e);
    }
  }

  /// A number above all that are there.
  int next() {
    int last = 0;
    for (Path path : names(folder)) {
      Matcher matcher = NAME.matcher(path.getFileName().toString());
      last = matcher.matches() ? Math.max(last, Integer.parseInt(matcher.group(1))) : last;
    }
    if (last == MOST) {
      throw new IllegalStateException(folder + ": expected fewer than %d files".formatted(MOST));
    }
    return last + 1;
  }
}
