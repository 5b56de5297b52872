package dev.unfold.serve.model;

import dev.unfold.argument.Expect;
import dev.unfold.run.session.ModelVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// What is made of versions of a model, kept for those that were asked for last.
///
/// **Threads**: any number; two may make the same.
///
/// @param <T> what is made
final class VersionCache<T> {
  private static final int MOST = 8;

  private final Function<ModelVersion, T> make;
  private volatile List<Kept<T>> all = List.of();

  private record Kept<T>(String version, T value) {}

  VersionCache(Function<ModelVersion, T> make) {
    this.make = Expect.given("make", make);
  }

  T of(ModelVersion version) {
    for (Kept<T> kept : all) {
      if (kept.version().equals(version.version())) {
        return kept.value();
      }
    }
    T value = make.apply(version);
    List<Kept<T>> next = new ArrayList<>();
    next.add(new Kept<>(version.version(), value));
    all.stream().limit(MOST - 1).forEach(next::add);
    all = List.copyOf(next);
    return value;
  }
}
