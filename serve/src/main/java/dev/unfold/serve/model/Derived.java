package dev.unfold.serve.model;

import dev.unfold.run.session.ModelVersion;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Function;

/// What is made of a model once for each of its versions: that of the version that is served is kept.
///
/// **Threads**: any number; of several that ask first, each may make one.
///
/// @param <T> what is made
public final class Derived<T> {
  private final Function<ModelVersion, T> maker;
  private final Map<ServedModel, Made<T>> last = Collections.synchronizedMap(new WeakHashMap<>());

  private record Made<T>(ModelVersion version, T value) {}

  /// @param maker makes it of a version
  public Derived(Function<ModelVersion, T> maker) {
    this.maker = maker;
  }

  /// That of the version that is served.
  ///
  /// @param version what [ServedModel#version] said, so that the answer can name it
  public T of(ServedModel model, ModelVersion version) {
    Made<T> made = last.get(model);
    if (made == null || made.version != version) {
      made = new Made<>(version, maker.apply(version));
      last.put(model, made);
    }
    return made.value;
  }
}
