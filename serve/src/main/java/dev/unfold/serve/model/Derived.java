package dev.unfold.serve.model;

import dev.unfold.run.session.ModelVersion;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Function;

/// What is made of each model once for each of its versions.
///
/// **Memory**: that of the versions that were asked for last, as long as the model is there.
///
/// **Threads**: any number; two may make the same.
///
/// @param <T> what is made
public final class Derived<T> {
  private final Function<ModelVersion, T> make;
  private final Map<ServedModel, VersionCache<T>> all =
      Collections.synchronizedMap(new WeakHashMap<>());

  /// @param make makes it of a version
  public Derived(Function<ModelVersion, T> make) {
    this.make = make;
  }

  /// That of a version.
  ///
  /// @param version what [ServedModel#version] said, so that the answer can name it
  public T of(ServedModel model, ModelVersion version) {
    return all.computeIfAbsent(model, _ -> new VersionCache<>(make)).of(version);
  }
}
