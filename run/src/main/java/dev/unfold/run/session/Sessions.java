package dev.unfold.run.session;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import dev.unfold.run.journal.Change;
import dev.unfold.run.session.SessionException.Reason;
import dev.unfold.sequence.Inputs;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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
  private final SessionOptions options;
  private final InstantSource clock;
  private final Optional<SessionFiles> files;
  private final SessionTable table;
  private final Counts counts = new Counts();

  /// One of each shape of states that there was: whatever version runs a session, its slot is where it was.
  private final List<Shape> shapes = new ArrayList<>();

  private Sessions(
      ModelVersion version,
      SessionOptions options,
      InstantSource clock,
      Optional<SessionFiles> files) {
    this.options = Expect.given("options", options);
    this.clock = Expect.given("clock", clock);
    this.files = files;
    table = new SessionTable(options, files, counts, running(Expect.given("version", version)));
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
      sessions.restore(files);
      isOpen = true;
      return sessions;
    } finally {
      if (!isOpen) {
        files.close();
      }
    }
  }

  private void restore(SessionFiles from) {
    Map<Integer, Running> byShape = new TreeMap<>();
    Running newest = table.newest();
    byShape.put(newest.layout().shape(), newest);
    from.takeFound()
        .forEach((id, kept) -> {
          SessionRecord record = kept.record;
          Running running =
              byShape.computeIfAbsent(
                  record.shape(),
                  shape ->
                      running(
                          from.version(
                              newest.version().name(),
                              record.version(),
                              shape,
                              newest.version().network().kernels())));
          if (record.stateBytes() != running.layout().bytes()) {
            throw new SessionException(
                Reason.STORE,
                "store: session %s: expected a state of %d bytes, got %d"
                    .formatted(id, running.layout().bytes(), record.stateBytes()));
          }
          Entry entry = new Entry(id, running, record.opened());
          entry.step = record.step();
          entry.isNew = record.isNew();
          entry.used = record.used();
          kept.marks.forEach((step, mark) -> {
            if (mark.shape() == record.shape()) {
              Marks.add(entry, new Mark(step, Entry.NONE, mark.isNew()));
            }
          });
          table.addFound(entry);
        });
    table.sortFound();
    from.keepOnly(table.versions());
  }

  private Running running(ModelVersion version) {
    return running(version, Runtime.getRuntime().availableProcessors());
  }

  private synchronized Running running(ModelVersion version, int lanes) {
    StateLayout layout = new StateLayout(version.network());
    Batcher batcher =
        new Batcher(version.network(), layout, options.batch(), lanes, counts, this::finish);
    Shape shape =
        shapes.stream()
            .filter(each -> each.layout().isAlike(layout))
            .findFirst()
            .orElseGet(() -> new Shape(layout, new Slabs(layout.bytes())));
    if (!shapes.contains(shape)) {
      shapes.add(shape);
    }
    return new Running(version, layout, shape.slabs(), batcher);
  }

  /// States that are alike, and where they are.
  private record Shape(StateLayout layout, Slabs slabs) {}

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
    Running next = running(version);
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
    Running running = table.newest();
    Entry entry = new Entry(Names.expect(id), running, clock.millis());
    entry.isNew = true;
    return open(entry, running.layout().zeros());
  }

  private Session open(Entry entry, byte... state) {
    table.reserve(entry);
    boolean isOpen = false;
    try {
      files.ifPresent(own -> own.write(List.of(change(entry, entry.step, entry.isNew, state))));
      entry.running.slabs().write(entry.slot, state);
      isOpen = true;
    } finally {
      if (isOpen) {
        table.release(entry, clock.millis());
      } else {
        table.remove(entry);
      }
    }
    return new Session(this, entry.id);
  }

  /// The session of this name.
  ///
  /// **Errors**: [SessionException] of reason `UNKNOWN` or `ENDED`.
  public Session find(String id) {
    table.expect(id, clock.millis());
    return new Session(this, id);
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

  Turn begin(String id) {
    return new Turn(this, hold(id));
  }

  /// Nobody else is at it until it is released, and its state is in memory.
  private Entry hold(String id) {
    Entry entry = table.hold(id, clock.millis());
    if (entry.slot == Entry.NONE) {
      boolean isBack = false;
      try {
        byte[] state = files.orElseThrow().state(id);
        table.giveSlot(entry);
        entry.running.slabs().write(entry.slot, state);
        isBack = true;
      } finally {
        if (!isBack) {
          table.release(entry, entry.used);
        }
      }
    }
    return entry;
  }

  void release(Entry entry) {
    table.release(entry, clock.millis());
  }

  void pin(Entry entry, ModelVersion own) {
    Running next = running(own, 1);
    if (!next.layout().isAlike(entry.running.layout())) {
      throw new Refusal("own", "a version whose states are like those of the session", "another");
    }
    entry.own = next;
  }

  void unpin(Entry entry) {
    entry.own = null;
    table.follow(entry);
  }

  Answer run(Entry entry, Inputs rows) {
    Running running = entry.runner();
    Rows.check(running.version().network().spec().encoder(), rows);
    Job job = running.batcher().job(entry, rows, bytes(entry));
    running.batcher().run(job);
    return new Answer(running.version().version(), entry.step, job.outputs());
  }

  /// Rows have been run: they are in the files, and then they have been read.
  private void finish(List<Job> jobs) {
    if (files.isPresent()) {
      List<Change> changes = new ArrayList<>(jobs.size());
      for (Job job : jobs) {
        changes.add(change(job.entry(), job.entry().step + job.rows().rows(), false, job.state()));
      }
      files.get().write(changes);
    }
    for (Job job : jobs) {
      Entry entry = job.entry();
      entry.running.slabs().write(entry.slot, job.state());
      long before = entry.step;
      entry.step = before + job.rows().rows();
      entry.isNew = false;
    }
  }

  private Change change(Entry entry, long step, boolean isNew, byte... state) {
    return SessionFiles.state(entry, clock.millis(), step, isNew, state);
  }

  private static byte[] bytes(Entry entry) {
    return entry.running.slabs().read(entry.slot, entry.running.layout().bytes());
  }

  SessionStatus status(String id) {
    return table.status(id, clock.millis());
  }

  Session fork(String id, String other) {
    Entry entry = hold(id);
    try {
      Entry next = new Entry(Names.expect(other), entry.running, clock.millis());
      next.step = entry.step;
      next.isNew = entry.isNew;
      return open(next, bytes(entry));
    } finally {
      release(entry);
    }
  }

  long mark(String id) {
    Entry entry = hold(id);
    try {
      byte[] state = bytes(entry);
      List<Long> old = Marks.tooMany(entry, options.marks() - 1);
      if (files.isPresent()) {
        List<Change> changes = new ArrayList<>();
        old.forEach(step -> changes.add(SessionFiles.removeMark(id, step)));
        changes.add(SessionFiles.mark(entry, state));
        files.get().write(changes);
      }
      old.forEach(step -> table.removeMark(entry, step));
      table.addMark(entry, state);
      return entry.step;
    } finally {
      release(entry);
    }
  }

  void rewind(String id, long step) {
    Entry entry = hold(id);
    try {
      Mark mark =
          Marks.find(entry, step)
              .orElseThrow(() ->
                  new SessionException(
                      Reason.NO_MARK,
                      "step: expected one of the marks %s, got %d"
                          .formatted(Marks.steps(entry), step)));
      int count = entry.running.layout().bytes();
      byte[] state =
          mark.slot() == Entry.NONE
              ? files.orElseThrow().markedState(id, step)
              : entry.running.slabs().read(mark.slot(), count);
      set(entry, state, step, mark.isNew(), List.of());
    } finally {
      release(entry);
    }
  }

  /// @param others that are made in the same write
  private void set(Entry entry, byte[] state, long step, boolean isNew, List<Change> others) {
    if (files.isPresent()) {
      List<Change> changes = new ArrayList<>(others);
      changes.add(change(entry, step, isNew, state));
      files.get().write(changes);
    }
    entry.running.slabs().write(entry.slot, state);
    entry.step = step;
    entry.isNew = isNew;
  }

  State state(Entry entry) {
    return entry.running.layout().state(bytes(entry));
  }

  State state(String id) {
    Entry entry = hold(id);
    try {
      return state(entry);
    } finally {
      release(entry);
    }
  }

  void restore(String id, State state, long step) {
    if (step < 0) {
      throw new Refusal("step", "0 or more", step);
    }
    Entry entry = hold(id);
    try {
      byte[] bytes = entry.running.layout().bytes(state);
      List<Long> old = Marks.steps(entry);
      List<Change> changes = old.stream().map(each -> SessionFiles.removeMark(id, each)).toList();
      set(entry, bytes, step, false, changes);
      old.forEach(each -> table.removeMark(entry, each));
    } finally {
      release(entry);
    }
  }

  void end(String id) {
    Entry entry = table.hold(id, clock.millis());
    boolean isOver = false;
    try {
      files.ifPresent(own -> own.write(SessionFiles.remove(entry)));
      table.remove(entry);
      isOver = true;
    } finally {
      if (!isOver) {
        table.release(entry, entry.used);
      }
    }
  }

  NetworkSpec spec(String id) {
    table.expect(id, clock.millis());
    return table.running(id).version().network().spec();
  }

  /// When a session ended.
  static SessionException ended(String id, Instant when) {
    return new SessionException(
        Reason.ENDED,
        "session: expected one that is open, got %s, which expired at %s".formatted(id, when));
  }
}
