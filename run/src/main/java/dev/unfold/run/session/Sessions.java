package dev.unfold.run.session;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.run.session.SessionException.Reason;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// Sessions of one model: each has a state of its own, and goes on from it with each row that it reads.
///
///     Sessions sessions = Sessions.of(version, SessionOptions.defaults(), InstantSource.system());
///     Session session = sessions.open("user-7");
///     Answer answer = session.step(new Inputs.Tokens(new int[] {token}, 0));
///
/// What a session says depends on the version of the model and on the rows that it read, and on nothing else, bit for
/// bit. Steps of different sessions that wait at the same time are run side by side.
///
/// With a folder ([#stored]), a step is in a file before [Session#step] comes back, so that it survives whatever
/// becomes of the process. Sessions that were not used for the longest time leave memory, and are read again when they
/// are used.
///
/// **Memory**: outside the heap a slot for each session in memory, of the size of its state, in whole 64 bytes; in the
/// heap some 250 bytes each; for each version of the model the networks that run side by side, one for each processor.
///
/// **Threads**: any number.
public final class Sessions implements AutoCloseable {
  private final InstantSource clock;
  private final Optional<SessionFiles> files;
  private final Runnings runnings;
  private final SessionTable table;
  private final SessionActions actions;

  private Sessions(
      ModelVersion version,
      SessionOptions options,
      InstantSource clock,
      Optional<SessionFiles> files) {
    Expect.given("options", options);
    this.clock = Expect.given("clock", clock);
    this.files = files;
    Counts counts = new Counts();
    StateWriter writer = new StateWriter(files, clock);
    runnings = new Runnings(options, counts, writer::finish);
    Running newest = runnings.ofMany(Expect.given("version", version));
    table = new SessionTable(options, files.isPresent(), writer::remove, counts, newest);
    actions = new SessionActions(options, clock, table, runnings, writer);
  }

  /// A store in memory.
  ///
  /// **Errors**: [IllegalArgumentException] if the model cannot run step by step.
  public static Sessions of(ModelVersion version, SessionOptions options, InstantSource clock) {
    return new Sessions(version, options, clock, Optional.empty());
  }

  /// A store in memory and in a folder, with the sessions that are there.
  ///
  /// **Errors**: as [#of]; [Refusal] if another store uses the folder; [SessionException] of reason `STORE` if it
  /// cannot be used.
  public static Sessions stored(
      ModelVersion version, SessionOptions options, InstantSource clock, Path folder) {
    SessionFiles files = SessionFiles.open(Expect.given("folder", folder));
    boolean isOpen = false;
    try {
      Sessions sessions = new Sessions(version, options, clock, Optional.of(files));
      files.keep(version);
      sessions.take(files);
      isOpen = true;
      return sessions;
    } finally {
      if (!isOpen) {
        files.close();
      }
    }
  }

  private void take(SessionFiles from) {
    table.addFound(new Restoration(from, runnings, table.newest()).entries());
    from.keepOnly(table.versions());
  }

  /// What new sessions run.
  public ModelVersion version() {
    return table.newest().version();
  }

  /// Lets sessions run another version of the model from their next turn on; those whose states have other names or
  /// sizes stay with the version that they have. No session is lost.
  ///
  /// **Errors**: [IllegalArgumentException] if the version cannot run step by step, or is another model's.
  public synchronized void use(ModelVersion version) {
    String name = version().name();
    if (!Expect.given("version", version).name().equals(name)) {
      throw new Refusal("version", "one of " + name, version.name());
    }
    Running next = runnings.ofMany(version);
    files.ifPresent(own -> own.keep(version));
    table.use(next);
    files.ifPresent(own -> own.keepOnly(table.versions()));
  }

  /// The same if `before` is what new sessions run: of two that replace it at once, one learns that it is not any more.
  ///
  /// @return whether it was
  public synchronized boolean replace(ModelVersion before, ModelVersion version) {
    boolean isSame = version().equals(Expect.given("before", before));
    if (isSame) {
      use(version);
    }
    return isSame;
  }

  /// Opens a session whose state is zeros, or what the network says of its first row.
  ///
  /// **Errors**: [SessionException] of reason `EXISTS` or `FULL`; [Refusal] for a name that is none.
  public Session open(String id) {
    return actions.open(id);
  }

  /// The session of this name.
  ///
  /// **Errors**: [SessionException] of reason `UNKNOWN` or `ENDED`.
  public Session find(String id) {
    return actions.find(id);
  }

  /// Whether there is one of this name.
  public boolean has(String id) {
    return table.has(id);
  }

  /// Names in order.
  ///
  /// @param after those behind this one
  /// @param limit as many at most
  public List<String> ids(String after, int limit) {
    return table.ids(Expect.given("after", after), limit);
  }

  /// How many there are.
  public int size() {
    return table.size();
  }

  /// How it is, and what it has done.
  public SessionStatistics statistics() {
    return table.statistics(files.map(SessionFiles::bytes).orElse(0L));
  }

  /// Ends what was idle for too long, or leaves it to the files. To be called now and then.
  public void sweep() {
    table.sweep(clock.millis());
  }

  /// Ends all turns to come; with a folder, all is on the disk then.
  @Override
  public void close() {
    table.close();
    files.ifPresent(SessionFiles::close);
  }

  /// When a session ended.
  static SessionException ended(String id, Instant when) {
    return new SessionException(
        Reason.ENDED,
        "session: expected one that is open, got %s, which expired at %s".formatted(id, when));
  }
}
