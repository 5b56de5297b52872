package dev.unfold.serve.model;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.serve.http.Problem;
import dev.unfold.serve.http.ProblemException;
import io.helidon.http.Status;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The models that are served, in the order in which they were named. The first is the one that is meant where a
/// request names none and there is no other.
///
/// **Threads**: any number.
public final class Models implements AutoCloseable {
  private final Map<String, ServedModel> byName;

  private Models(Map<String, ServedModel> byName) {
    this.byName = Collections.unmodifiableMap(byName);
  }

  /// Reads all of them.
  ///
  /// **Errors**: [Refusal] if two have one name, or there is none; [FormatException] if a file is no model.
  public static Models load(List<ModelName> names, ModelSettings settings) {
    if (names.isEmpty()) {
      throw new Refusal("MODEL", "one or more", "none");
    }
    Map<String, ServedModel> models = new LinkedHashMap<>();
    for (ModelName name : names) {
      if (models.containsKey(name.name())) {
        throw new Refusal("MODEL", "names that differ, as in NAME=FILE", "two " + name.name());
      }
      models.put(name.name(), new ServedModel(name.name(), name.file(), settings));
    }
    Models all = new Models(models);
    boolean isLoaded = false;
    try {
      models.values().forEach(ServedModel::load);
      isLoaded = true;
      return all;
    } finally {
      if (!isLoaded) {
        all.close();
      }
    }
  }

  /// All that are loaded.
  public List<ServedModel> all() {
    return byName.values().stream().filter(ServedModel::isLoaded).toList();
  }

  /// All, loaded or not.
  public List<ServedModel> every() {
    return List.copyOf(byName.values());
  }

  /// That of a name.
  ///
  /// **Errors**: [ProblemException] of status 404 if there is none, or it is not loaded.
  public ServedModel find(String name) {
    ServedModel model = named(name);
    ModelVersion _ = model.version();
    return model;
  }

  /// That of a name, loaded or not.
  ///
  /// **Errors**: [ProblemException] of status 404 if there is none.
  public ServedModel named(String name) {
    ServedModel model = byName.get(name);
    if (model == null) {
      throw Problem.of(
              Status.NOT_FOUND_404,
              "no_model",
              "model: expected one of %s, got %s".formatted(byName.keySet(), name))
          .exception();
    }
    return model;
  }

  /// The only one.
  ///
  /// **Errors**: [Refusal] if there are several.
  public ServedModel only() {
    if (byName.size() > 1) {
      throw new Refusal("model", "one of " + byName.keySet(), "nothing");
    }
    return byName.values().iterator().next();
  }

  @Override
  public void close() {
    byName.values().forEach(ServedModel::close);
  }
}
