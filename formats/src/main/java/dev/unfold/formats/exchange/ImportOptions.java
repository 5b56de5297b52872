package dev.unfold.formats.exchange;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Kernels;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// How a model is read.
///
/// @param settings what the file does not say, by name: `cell=gru`, or the value of an input
/// @param kernels the backend that its numbers are kept for
public record ImportOptions(Map<String, String> settings, Kernels kernels) {
  /// Checks that they are given, and copies the map.
  public ImportOptions {
    settings = Map.copyOf(Expect.given("settings", settings));
    Expect.given("kernels", kernels);
  }

  /// What is said about `name`.
  public Optional<String> setting(String name) {
    return Optional.ofNullable(settings.get(name));
  }

  /// Checks that all settings are among `known`.
  ///
  /// **Errors**: [IllegalArgumentException] that names the first other one and lists these.
  public void expectOnly(Set<String> known) {
    Set<String> others = new HashSet<>(settings.keySet());
    others.removeAll(known);
    if (!others.isEmpty()) {
      throw new Refusal(
          "set",
          known.isEmpty()
              ? "nothing for such a file"
              : "one of " + known.stream().sorted().toList(),
          others.stream().min(String::compareTo).orElseThrow());
    }
  }
}
