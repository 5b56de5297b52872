package dev.unfold.formats.exchange;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Kernels;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// How a model is read. It knows which settings its reader asked for: one that nobody asked for would have no effect,
/// and is refused at the end ([#expectAllAsked]).
///
/// **Threads**: those of one reader.
public final class ImportOptions {
  private final Map<String, String> settings;
  private final Kernels kernels;
  private final Map<String, String> defaults;
  private final Set<String> asked;

  /// @param settings what the file does not say, by name: `cell=gru`, or the value of an input
  /// @param kernels the backend that its numbers are kept for
  public ImportOptions(Map<String, String> settings, Kernels kernels) {
    this(settings, kernels, Map.of(), new TreeSet<>());
  }

  /// Nothing is said: for files that say all themselves.
  public static ImportOptions defaults(Kernels kernels) {
    return new ImportOptions(Map.of(), kernels);
  }

  private ImportOptions(
      Map<String, String> settings,
      Kernels kernels,
      Map<String, String> defaults,
      Set<String> asked) {
    this.settings = Map.copyOf(Expect.given("settings", settings));
    this.kernels = Expect.given("kernels", kernels);
    this.defaults = defaults;
    this.asked = asked;
  }

  /// What the file does not say, by name.
  public Map<String, String> settings() {
    return settings;
  }

  /// The backend that its numbers are kept for.
  public Kernels kernels() {
    return kernels;
  }

  /// What is said about `name`, which is asked for because it is of use.
  public Optional<String> setting(String name) {
    asked.add(Expect.given("name", name));
    return Optional.ofNullable(settings.get(name))
        .or(() -> Optional.ofNullable(defaults.get(name)));
  }

  /// The same, with what a file says itself where nothing else is said.
  public ImportOptions withDefaults(Map<String, String> own) {
    return new ImportOptions(settings, kernels, Map.copyOf(own), asked);
  }

  /// The same for numbers of another backend, of which nothing was asked yet.
  public ImportOptions with(Kernels other) {
    return new ImportOptions(settings, other);
  }

  /// Checks that all settings were asked for.
  ///
  /// **Errors**: [IllegalArgumentException] that names the first other one, and lists what could be said of the file.
  public void expectAllAsked() {
    Map<String, String> others = new TreeMap<>(settings);
    others.keySet().removeAll(asked);
    if (!others.isEmpty()) {
      throw new Refusal(
          "set",
          asked.isEmpty()
              ? "nothing for such a file"
              : "what such a file leaves open, one of " + String.join(", ", asked),
          others.keySet().iterator().next());
    }
  }
}
