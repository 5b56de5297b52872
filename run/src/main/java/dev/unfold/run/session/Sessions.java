package dev.unfold.run.session;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.infer.Outcome;
import dev.unfold.infer.Runner;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import dev.unfold.run.session.SessionException.Reason;
import dev.unfold.sequence.Inputs;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Sessions of one model: each has a state of its own, and goes on from it with each row that it reads.
///
///     Sessions sessions = Sessions.of(version, SessionOptions.defaults(), InstantSource.system());
///     Session session = sessions.open("user-7");
///     Answer answer = session.step(new Inputs.Tokens(new int[] {token}, 0));
///
/// **Threads**: any number.
public final class Sessions implements AutoCloseable {
  private final SessionOptions options;
  private final InstantSource clock;
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();
  private final Map<String, Runner> runners = new ConcurrentHashMap<>();
  private volatile ModelVersion newest;

  private Sessions(ModelVersion version, SessionOptions options, InstantSource clock) {
    newest = Expect.given("version", version);
    this.options = Expect.given("options", options);
    this.clock = Expect.given("clock", clock);
    version.network().zeroState(1);
  }

  /// A store in memory.
  ///
  /// **Errors**: [IllegalArgumentException] if the model cannot run step by step.
  public static Sessions of(ModelVersion version, SessionOptions options, InstantSource clock) {
    return new Sessions(version, options, clock);
  }

  /// What new sessions run.
  public ModelVersion version() {
    return newest;
  }

  /// Lets sessions run another version of the model from their next step on; those whose states have other names or
  /// sizes stay with the version that they have.
  public synchronized void use(ModelVersion version) {
    newest = Expect.given("version", version);
  }

  /// The same if `before` is what new sessions run: of two that replace it at once, the later one learns that it is not.
  ///
  /// @return whether it was
  public synchronized boolean replace(ModelVersion before, ModelVersion version) {
    Expect.given("before", before);
    Expect.given("version", version);
    boolean isSame = newest.equals(before);
    newest = isSame ? version : newest;
    return isSame;
  }

  /// Opens a session whose state is zeros.
  ///
  /// **Errors**: [SessionException] of reason `EXISTS` or `FULL`; [Refusal] for a name that is none.
  public Session open(String id) {
    return open(id, newest, newest.network().zeroState(1), 0);
  }

  /// The session of this name.
  ///
  /// **Errors**: [SessionException] of reason `UNKNOWN` or `ENDED`.
  public Session find(String id) {
    entry(id);
    return new Session(this, id);
  }

  /// Whether there is one of this name.
  public boolean has(String id) {
    return entries.containsKey(id);
  }

  /// The names of all, in no order.
  public List<String> ids() {
    return new ArrayList<>(entries.keySet());
  }

  /// How many there are.
  public int size() {
    return entries.size();
  }

  /// Ends what was idle for too long, or leaves it to the files. To be called now and then.
  public void sweep() {
    entries.values().removeIf(entry -> entry.used.plus(options.idle()).isBefore(clock.instant()));
  }

  @Override
  public void close() {
    entries.clear();
  }

  private Session open(String id, ModelVersion version, State state, long step) {
    Entry entry = new Entry(Names.expect(id), version, state, clock.instant());
    entry.step = step;
    if (entries.size() >= options.open()) {
      throw new SessionException(
          Reason.FULL, "sessions: expected %d at most, got one more".formatted(options.open()));
    }
    if (entries.putIfAbsent(id, entry) != null) {
      throw new SessionException(Reason.EXISTS, "id: expected a new name, got " + id);
    }
    return new Session(this, id);
  }

  private Entry entry(String id) {
    return Optional.ofNullable(entries.get(Expect.given("id", id)))
        .orElseThrow(() ->
            new SessionException(Reason.UNKNOWN, "session: expected one that is open, got " + id));
  }

  Turn begin(String id) {
    return new Turn(this, hold(id));
  }

  private Entry hold(String id) {
    Entry entry = entry(id);
    if (!entry.isHeld.compareAndSet(false, true)) {
      throw new SessionException(
          Reason.BUSY, "session: expected one that nobody else is at, got " + id);
    }
    follow(entry);
    return entry;
  }

  void follow(Entry entry) {
    ModelVersion now = newest;
    if (!entry.isPinned && now.continues(entry.version)) {
      entry.version = now;
    }
  }

  void release(Entry entry) {
    entry.used = clock.instant();
    entry.isHeld.set(false);
  }

  Answer run(Entry entry, Inputs rows) {
    Runner runner =
        entry.isPinned
            ? entry.runner
            : runners.computeIfAbsent(
                entry.version.version(), _ -> new Runner(entry.version.network()));
    Outcome outcome = runner.run(rows, entry.state);
    entry.state = outcome.state();
    entry.step += rows.rows();
    return new Answer(entry.version.version(), entry.step, outcome.outputs());
  }

  SessionStatus status(String id) {
    Entry entry = entry(id);
    return new SessionStatus(
        id,
        entry.version.name(),
        entry.version.version(),
        entry.step,
        List.copyOf(entry.marks.keySet()),
        entry.opened,
        entry.used,
        true);
  }

  Session fork(String id, String other) {
    Entry entry = hold(id);
    try {
      return open(other, entry.version, entry.state.copy(), entry.step);
    } finally {
      release(entry);
    }
  }

  long mark(String id) {
    Entry entry = hold(id);
    try {
      entry.marks.put(entry.step, entry.state.copy());
      if (entry.marks.size() > options.marks()) {
        entry.marks.pollFirstEntry();
      }
      return entry.step;
    } finally {
      release(entry);
    }
  }

  void rewind(String id, long step) {
    Entry entry = hold(id);
    try {
      State kept = entry.marks.get(step);
      if (kept == null) {
        throw new SessionException(
            Reason.NO_MARK,
            "step: expected one of the marks %s, got %d".formatted(entry.marks.keySet(), step));
      }
      entry.state = kept.copy();
      entry.step = step;
    } finally {
      release(entry);
    }
  }

  State state(String id) {
    Entry entry = hold(id);
    try {
      return entry.state.copy();
    } finally {
      release(entry);
    }
  }

  void restore(String id, State state, long step) {
    Entry entry = hold(id);
    try {
      if (state.batch() != 1) {
        throw new Refusal("state", "that of one sequence", state.batch());
      }
      if (step < 0) {
        throw new Refusal("step", "0 or more", step);
      }
      NetworkSpec spec = entry.version.network().spec();
      state.expectFinite(spec);
      State.join(List.of(entry.version.network().zeroState(1), state));
      entry.marks.clear();
      entry.state = state.copy();
      entry.step = step;
    } finally {
      release(entry);
    }
  }

  void end(String id) {
    Entry entry = hold(id);
    entry.hasEnded = true;
    entries.remove(id);
  }

  NetworkSpec spec(SessionStatus status) {
    return entry(status.id()).version.network().spec();
  }
}
