package dev.unfold.formats.exchange;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.graph.GraphFile;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.safetensors.FormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.TreeSet;

/// The formats that are there: those of this module, and those of modules that need not be.
public final class ModelFormats {
  /// Formats whose module may be absent, with what brings each.
  private static final Map<String, String> ARTIFACTS =
      Map.of("onnx", "unfold-formats-onnx", "keras", "unfold-formats-keras");

  /// What the names of their files end with.
  private static final Map<String, String> ENDINGS =
      Map.of(".onnx", "onnx", ".keras", "keras", ".h5", "keras", ".hdf5", "keras");

  private ModelFormats() {}

  /// The format called `name`.
  ///
  /// **Errors**: [IllegalArgumentException] that lists the names if there is none, or says which module is missing.
  public static ModelFormat named(String name) {
    return find(name).orElseThrow(() -> absent("format", name));
  }

  /// The format of a file, as the end of its name says.
  ///
  /// **Errors**: [FormatException] if no format has such files, or its module is missing.
  public static ModelFormat of(Path file) {
    String lower = file.toString().toLowerCase(Locale.ROOT);
    Map<String, ModelFormat> byEnding = new TreeMap<>();
    all().forEach(format -> format.endings().forEach(ending -> byEnding.put(ending, format)));
    for (Map.Entry<String, ModelFormat> entry : byEnding.entrySet()) {
      if (lower.endsWith(entry.getKey())) {
        return entry.getValue();
      }
    }
    for (Map.Entry<String, String> entry : ENDINGS.entrySet()) {
      if (lower.endsWith(entry.getKey())) {
        throw new FormatException(file + ": " + absent("file", entry.getValue()).getMessage());
      }
    }
    TreeSet<String> endings = new TreeSet<>(byEnding.keySet());
    endings.addAll(ENDINGS.keySet());
    throw new FormatException(
        file + ": expected a name that ends with one of " + String.join(", ", endings));
  }

  /// Reads any model: Unfold's own, or one of another program.
  ///
  /// **Errors**: as [ModelFile#load] and [ModelFormat#read]; [FormatException] for a file that is of another kind than
  /// its name says; [IllegalArgumentException] for a setting that is of no use for it.
  public static Imported read(Path file, ImportOptions options) {
    if (!Files.isRegularFile(file)) {
      throw new FormatException(
          file + ": expected a file, " + (Files.exists(file) ? "got another thing" : "found none"));
    }
    Imported read = open(file, options);
    options.expectAllAsked();
    return read;
  }

  private static Imported open(Path file, ImportOptions options) {
    if (GraphFile.isGraph(file)) {
      return new Imported(GraphFile.load(file), List.of());
    }
    if (ModelFile.isModel(file)) {
      return new Imported(ModelFile.load(file, options.kernels()), List.of());
    }
    FileKind.expectAsNamed(file);
    ModelFormat format = of(file);
    Imported read = format.read(file, options);
    return Convention.asMeant(read, format.gates(), options);
  }

  private static Refusal absent(String argument, String name) {
    String artifact = ARTIFACTS.get(name);
    return artifact == null
        ? new Refusal(argument, "one of " + String.join(", ", names()), name)
        : new Refusal(argument, "a format whose module is there", name + " without " + artifact);
  }

  private static List<String> names() {
    TreeSet<String> names = new TreeSet<>(ARTIFACTS.keySet());
    all().forEach(format -> names.add(format.name()));
    return List.copyOf(names);
  }

  private static Optional<ModelFormat> find(String name) {
    return all().stream().filter(format -> format.name().equals(name)).findFirst();
  }

  private static List<ModelFormat> all() {
    return ServiceLoader.load(ModelFormat.class, ModelFormats.class.getClassLoader()).stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }
}
