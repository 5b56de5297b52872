package dev.unfold.serve.model;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.SessionOptions;
import dev.unfold.run.session.Sessions;
import dev.unfold.run.task.TextModel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/// A model that is served under a name.
///
/// **Threads**: any number.
public final class ServedModel implements AutoCloseable {
  /// What the names of sessions begin with that are sequences of the Open Inference Protocol. No other may be named so.
  public static final String SEQUENCES = "v2:";

  private final String name;
  private final Path file;
  private final ModelSettings settings;
  private volatile Loaded loaded;

  private final VersionCache<Optional<TextModel>> texts = new VersionCache<>(this::read);

  private record Loaded(ModelVersion version, Optional<Sessions> sessions, Instant since) {}

  private ServedModel(String name, Path file, ModelSettings settings) {
    this.name = name;
    this.file = file;
    this.settings = settings;
  }

  /// Reads a model from its file.
  ///
  /// **Errors**: [FormatException] if it is none.
  static ServedModel load(String name, Path file, ModelSettings settings) {
    ServedModel model = new ServedModel(name, Expect.given("file", file), settings);
    ModelVersion version = ModelVersion.load(name, file, settings.kernels());
    Optional<TextModel> _ = model.text(version);
    model.loaded = new Loaded(version, model.sessions(version), settings.clock().instant());
    return model;
  }

  /// What it is asked for by.
  public String name() {
    return name;
  }

  /// What new sessions run.
  public ModelVersion version() {
    return loaded.sessions().map(Sessions::version).orElse(loaded.version());
  }

  /// Since when it is there.
  public Instant since() {
    return loaded.since();
  }

  /// A version of it with the vocabulary of its tokens, if it is a model of text.
  public Optional<TextModel> text(ModelVersion version) {
    return texts.of(version);
  }

  /// Its sessions, if it runs step by step.
  public Optional<Sessions> sessions() {
    return loaded.sessions();
  }

  private Optional<TextModel> read(ModelVersion version) {
    return version.model() instanceof LanguageModel language
        ? Optional.of(TextModel.of(file, language))
        : Optional.empty();
  }

  /// A model of both directions, or of one output for a whole sequence, has none.
  private Optional<Sessions> sessions(ModelVersion version) {
    NetworkSpec spec = version.network().spec();
    if (spec.directions() > 1 || !spec.head().isOfSteps()) {
      return Optional.empty();
    }
    SessionOptions options = settings.sessions();
    return Optional.of(Sessions.of(version, options, settings.clock()));
  }

  /// Its sessions.
  ///
  /// **Errors**: [Refusal] if it has none.
  public Sessions expectSessions() {
    return sessions()
        .orElseThrow(
            () -> new Refusal("model", "one that runs step by step", name + ", which does not"));
  }

  @Override
  public void close() {
    loaded.sessions().ifPresent(Sessions::close);
  }
}
