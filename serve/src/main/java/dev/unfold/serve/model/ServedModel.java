package dev.unfold.serve.model;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.SessionException;
import dev.unfold.run.session.SessionOptions;
import dev.unfold.run.session.Sessions;
import dev.unfold.run.task.TextModel;
import dev.unfold.serve.http.Problem;
import dev.unfold.serve.http.ProblemException;
import io.helidon.http.Status;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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

  /// The names of its sessions while it is not loaded.
  private volatile Set<String> waiting = Set.of();

  private final VersionCache<Optional<TextModel>> texts = new VersionCache<>(this::read);

  private record Loaded(
      ModelVersion version, Optional<Sessions> sessions, Lessons lessons, Instant since) {}

  /// One whose file is not read yet.
  ServedModel(String name, Path file, ModelSettings settings) {
    this.name = name;
    this.file = Expect.given("file", file);
    this.settings = settings;
  }

  /// Reads its file, if it is not there.
  ///
  /// **Errors**: [FormatException] if it is no model; [SessionException] of reason `STORE` if the folder of its
  /// sessions cannot be used.
  public synchronized void load() {
    if (loaded != null) {
      return;
    }
    ModelVersion version = ModelVersion.load(name, file, settings.kernels());
    Optional<TextModel> _ = text(version);
    Optional<Sessions> sessions = sessions(version);
    boolean isOpen = false;
    try {
      loaded =
          new Loaded(version, sessions, lessons(sessions, version), settings.clock().instant());
      isOpen = true;
    } finally {
      if (!isOpen) {
        sessions.ifPresent(Sessions::close);
      }
    }
  }

  /// Reads its file anew. Sessions go on: with what was read from their next turn on, or with what they have if it has
  /// states of another shape.
  ///
  /// **Errors**: [FormatException] if it is no model, [Refusal] if the one runs step by step and the other does not;
  /// all is as it was then.
  public synchronized void reload() {
    Loaded before = expectLoaded();
    ModelVersion version = ModelVersion.load(name, file, settings.kernels());
    Optional<TextModel> _ = text(version);
    if (before.sessions().isPresent() != hasSessions(version)) {
      throw new Refusal(
          "model", "one that has sessions if it had them before, and has none if not", name);
    }
    before.sessions().ifPresent(sessions -> sessions.use(version));
    before.lessons().replaced();
    loaded = new Loaded(version, before.sessions(), before.lessons(), settings.clock().instant());
  }

  /// Lets go of it, until [#load]. Its sessions wait in the store.
  ///
  /// **Errors**: [ProblemException] of status 409 if it has sessions that would be lost.
  public synchronized void unload() {
    Loaded before = expectLoaded();
    int open = before.sessions().map(Sessions::size).orElse(0);
    if (open > 0 && settings.store().isEmpty()) {
      throw Problem.of(
              Status.CONFLICT_409,
              "sessions",
              "sessions: expected none without a store that keeps them, got " + open)
          .exception();
    }
    waiting = names(before);
    loaded = null;
    before.lessons().close();
    before.sessions().ifPresent(Sessions::close);
    // Some may have been opened since.
    waiting = names(before);
  }

  private static Set<String> names(Loaded of) {
    return Set.copyOf(
        of.sessions().map(sessions -> sessions.ids("", Integer.MAX_VALUE)).orElse(List.of()));
  }

  /// Whether it has a session of this name, or will have it when it is loaded again.
  public boolean hasSession(String id) {
    Loaded now = loaded;
    return now == null
        ? waiting.contains(id)
        : now.sessions().map(sessions -> sessions.has(id)).orElse(false);
  }

  private Loaded expectLoaded() {
    Loaded now = loaded;
    if (now == null) {
      throw Problem.of(
              Status.NOT_FOUND_404, "unloaded", "model: expected one that is loaded, got " + name)
          .exception();
    }
    return now;
  }

  /// Whether it is there.
  public boolean isLoaded() {
    return loaded != null;
  }

  /// What it is asked for by.
  public String name() {
    return name;
  }

  /// What new sessions run.
  ///
  /// **Errors**: [ProblemException] of status 404 if it is not loaded.
  public ModelVersion version() {
    Loaded now = expectLoaded();
    return now.sessions().map(Sessions::version).orElse(now.version());
  }

  /// Since when it is there.
  public Instant since() {
    return expectLoaded().since();
  }

  /// A version of it with the vocabulary of its tokens, if it is a model of text.
  public Optional<TextModel> text(ModelVersion version) {
    return texts.of(version);
  }

  /// Its sessions, if it runs step by step and is loaded.
  public Optional<Sessions> sessions() {
    Loaded now = loaded;
    return now == null ? Optional.empty() : now.sessions();
  }

  private Optional<TextModel> read(ModelVersion version) {
    return version.model() instanceof LanguageModel language
        ? Optional.of(TextModel.of(file, language))
        : Optional.empty();
  }

  /// A model of both directions, or of one output for a whole sequence, has none.
  private static boolean hasSessions(ModelVersion version) {
    NetworkSpec spec = version.network().spec();
    return spec.directions() == 1 && spec.head().isOfSteps();
  }

  private Optional<Sessions> sessions(ModelVersion version) {
    if (!hasSessions(version)) {
      return Optional.empty();
    }
    ModelVersion latest =
        settings.learn().map(learn -> learn.latest(learned(), version)).orElse(version);
    SessionOptions options = settings.sessions();
    return Optional.of(
        settings
            .store()
            .map(folder -> Sessions.stored(latest, options, settings.clock(), folder.resolve(name)))
            .orElseGet(() -> Sessions.of(latest, options, settings.clock())));
  }

  private Lessons lessons(Optional<Sessions> sessions, ModelVersion given) {
    return sessions.isEmpty() || settings.learn().isEmpty()
        ? Lessons.none()
        : settings.learn().get().start(sessions.get(), given, learned(), settings.clock());
  }

  /// Where what was learned is kept: in the store, or beside the model's file.
  private Path learned() {
    return settings
        .store()
        .map(folder -> folder.resolve(name).resolve("learned"))
        .orElseGet(() -> file.resolveSibling(name + ".learned"));
  }

  /// Those who learn from its sessions; nobody if it is not loaded.
  public Lessons lessons() {
    Loaded now = loaded;
    return now == null ? Lessons.none() : now.lessons();
  }

  /// Ends sessions that nobody used for too long, or leaves them to the store. To be called now and then.
  public void sweep() {
    try {
      sessions().ifPresent(Sessions::sweep);
      lessons().sweep();
    } catch (SessionException e) {
      // A full disk, say: what could not be ended now is the next time.
      System.getLogger(ServedModel.class.getName())
          .log(System.Logger.Level.WARNING, name + ": " + e.getMessage());
    }
  }

  /// Its sessions.
  ///
  /// **Errors**: [Refusal] if it has none; [ProblemException] of status 404 if it is not loaded.
  public Sessions expectSessions() {
    return expectLoaded()
        .sessions()
        .orElseThrow(
            () -> new Refusal("model", "one that runs step by step", name + ", which does not"));
  }

  @Override
  public synchronized void close() {
    lessons().close();
    sessions().ifPresent(Sessions::close);
  }
}
