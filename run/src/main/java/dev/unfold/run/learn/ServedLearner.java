package dev.unfold.run.learn;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Targets;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Sessions;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/// Learns from what sessions read while they are served. It is told of rows, and of what was right at them: of a model
/// of texts that is the next token that a client gives, of others a target that is told later. Of each session the rows
/// are cut into segments of k steps. What is served, a copy of it that learns (the *shadow*), what was served before
/// and the model as it was given (the *guards*) say what they think of a segment, each from a state of its own; then
/// the shadow learns of it. Over a window of labelled steps the shadow takes the place of what is served if it is
/// better by a margin, and a guard takes it back if that was better.
///
///     ServedLearner learner = ServedLearner.start(sessions, folder, options, listener, clock);
///     Answer answer = session.step(rows);
///     learner.read(session.id(), answer.step() - rows.rows(), rows);
///     learner.label(session.id(), step, targets);
///
/// What is served never changes in place: a promotion is a file ([LearnFolder]), and [Sessions#replace].
///
/// **Determinism**: the same rows and targets in the same order give the same parameters and decisions, bit for bit, as
/// long as none is dropped; [#synchronous] drops none.
///
/// **Memory**: the parameters up to six times, a network unrolled over k steps for each copy, and for each session
/// that is followed its last rows and a state for each copy, with an online rule also its influence.
///
/// **Threads**: any number tell it; those of one session in the order of its steps. Learning takes a thread of its own.
public final class ServedLearner implements AutoCloseable {
  /// Rows that are taken while others wait to tell of theirs.
  private static final int PIECE = 256;

  private final LearnOptions options;
  private final Sessions sessions;
  private final LearnListener listener;
  private final Learning learning;

  /// Null if learning is within the calls.
  private final LearnThread thread;

  /// Those that are followed, the one that was not heard of for the longest time first.
  private final Map<String, Followed> followed = new LinkedHashMap<>(16, 0.75f, true);

  /// What those are read by that are followed.
  private Ground ground;

  private boolean isFull;
  private long labelled;
  private long refused;
  private long dropped;
  private long forgotten;
  private final AtomicLong failures = new AtomicLong();

  private ServedLearner(
      Sessions sessions,
      ModelVersion given,
      Path folder,
      LearnOptions options,
      LearnListener listener,
      InstantSource clock,
      boolean isSynchronous) {
    this.options = Expect.given("options", options);
    this.listener = Expect.given("listener", listener);
    this.sessions = Expect.given("sessions", sessions);
    ground = Ground.of(sessions.version());
    learning =
        new Learning(
            sessions,
            Expect.given("given", given),
            folder,
            options,
            listener,
            Expect.given("clock", clock));
    thread =
        isSynchronous
            ? null
            : new LearnThread(options.limits(), sessions.version().name(), this::learn);
  }

  /// One that learns in a thread of its own, and never lets a caller wait for that.
  ///
  /// @param folder where promotions are written; it exists
  ///
  /// **Errors**: [Refusal] if the model cannot learn, or not by the engine; or for a folder that cannot be used.
  public static ServedLearner start(
      Sessions sessions,
      Path folder,
      LearnOptions options,
      LearnListener listener,
      InstantSource clock) {
    return start(sessions, sessions.version(), folder, options, listener, clock);
  }

  /// The same of sessions that begin with what [LearnFolder#latest] found.
  ///
  /// @param given the model as it was given, which takes its place again if it is better
  public static ServedLearner start(
      Sessions sessions,
      ModelVersion given,
      Path folder,
      LearnOptions options,
      LearnListener listener,
      InstantSource clock) {
    ServedLearner learner =
        new ServedLearner(sessions, given, folder, options, listener, clock, false);
    learner.thread.start();
    return learner;
  }

  /// One that learns within the calls, without limits of time.
  ///
  /// **Errors**: as [#start].
  public static ServedLearner synchronous(
      Sessions sessions,
      Path folder,
      LearnOptions options,
      LearnListener listener,
      InstantSource clock) {
    return synchronous(sessions, sessions.version(), folder, options, listener, clock);
  }

  /// The same of sessions that begin with what [LearnFolder#latest] found.
  ///
  /// @param given the model as it was given
  public static ServedLearner synchronous(
      Sessions sessions,
      ModelVersion given,
      Path folder,
      LearnOptions options,
      LearnListener listener,
      InstantSource clock) {
    return new ServedLearner(sessions, given, folder, options, listener, clock, true);
  }

  /// Which targets [#label] takes: `Classes`, `Values`, `SeveralTargets`.
  public synchronized String targets() {
    return ground().kind().none().getClass().getSimpleName();
  }

  /// Tells of rows that a session read, as its client gave them. Of a model of texts each is what was right at the row
  /// before. Of more rows than the queue holds the last are dropped.
  ///
  /// @param before how many rows it had read before
  public void read(String session, long before, Inputs rows) {
    read(session, before, before == 0, rows);
  }

  /// The same of a session that may have begun with a state that somebody brought.
  ///
  /// @param isWhole whether it begins here, with the state of a session that has read nothing
  public void read(String session, long before, boolean isWhole, Inputs rows) {
    tell(session, before, isWhole, rows, (own, from, to) -> own.read(rows, from, to));
  }

  /// Tells of rows that the model wrote and its session then read: they go into its state, and nobody learns of them.
  ///
  /// @param before how many rows it had read before
  public void wrote(String session, long before, Inputs rows) {
    wrote(session, before, before == 0, rows);
  }

  /// The same of a session that may have begun with a state that somebody brought.
  ///
  /// @param isWhole whether it begins here, with the state of a session that has read nothing
  public void wrote(String session, long before, boolean isWhole, Inputs rows) {
    tell(
        session,
        before,
        isWhole,
        rows,
        (own, from, to) -> {
          own.wrote(rows, from, to);
          return 0;
        });
  }

  /// Takes rows from one number up to another, and says how many steps that labels.
  private interface Taking {
    int take(LabelledRows own, int from, int to);
  }

  /// Takes rows in pieces: who tells of another session waits for one of them, and not for all.
  private void tell(String session, long before, boolean isWhole, Inputs rows, Taking taking) {
    Expect.given("session", session);
    int all = Expect.given("rows", rows).rows();
    int most = thread == null ? all : Math.min(all, options.limits().queue());
    int from = 0;
    boolean isFollowed = true;
    while (isFollowed && from < most) {
      int to = Math.min(most, from + PIECE);
      isFollowed = tell(session, before + from, isWhole && from == 0, from, to, taking);
      from = to;
    }
    if (from < all) {
      skip(session, all - from);
    }
  }

  /// @return false if what comes next is not to be taken
  private synchronized boolean tell(
      String session, long before, boolean isWhole, int from, int to, Taking taking) {
    Followed own = follow(session, before, isWhole, to - from);
    if (own == null) {
      return false;
    }
    boolean isTaken = false;
    try {
      labelled += taking.take(own.rows(), from, to);
      isTaken = true;
    } finally {
      if (!isTaken) {
        skip(session, to - from);
      }
    }
    return submit(session, own);
  }

  /// Rows that are not taken leave a hole: the session is followed anew behind it.
  private synchronized void skip(String session, int rows) {
    dropped += rows;
    if (followed.remove(session) != null) {
      forgotten++;
    }
  }

  /// Tells what was right at rows that a session read.
  ///
  /// @param step that of the first of them: 0 for the first row of the session
  /// @param targets one row for each
  /// @return how many steps that labels
  ///
  /// **Errors**: [Refusal] for rows that are not kept any more, or not yet read, or labelled before, and for targets of
  /// another kind: nothing was taken then.
  public synchronized int label(String session, long step, Targets targets) {
    Followed own = followed.get(Expect.given("session", session));
    Expect.given("targets", targets);
    try {
      if (own == null) {
        throw new Refusal("step", "a row of a session that is followed", session);
      }
      int count = own.rows().label(step, targets);
      labelled += count;
      submit(session, own);
      return count;
    } catch (IllegalArgumentException e) {
      refused++;
      throw e;
    }
  }

  /// Tells that a session has ended, or has gone elsewhere: what is known of its last rows is learned, and nothing else
  /// kept of it.
  public synchronized void end(String session) {
    Followed own = followed.remove(Expect.given("session", session));
    if (own != null) {
      own.rows().takeRest().ifPresent(rest -> submit(own, rest));
    }
  }

  /// What is read by now. If that has other states or targets, nobody goes on from what was read before.
  private Ground ground() {
    ModelVersion now = sessions.version();
    if (!now.equals(ground.version())) {
      Ground next = Ground.of(now);
      if (!ground.carries(now)) {
        forgotten += followed.size();
        followed.clear();
      }
      ground = next;
    }
    return ground;
  }

  /// Whether rows that a session reads by a version can be learned from: one whose state did not fit what is served
  /// now stays with what it had.
  public synchronized boolean follows(ModelVersion version) {
    return ground().carries(Expect.given("version", version));
  }

  /// Counts what went wrong with who tells of sessions, and tells of it.
  public void failed(RuntimeException failure) {
    failures.incrementAndGet();
    listener.failed(Expect.given("failure", failure));
  }

  /// Null if there is no room to follow it.
  private Followed follow(String session, long before, boolean isWhole, int rows) {
    Ground by = ground();
    Followed own = followed.get(session);
    if (own != null && own.rows().next() != before) {
      followed.remove(session);
      forgotten++;
      own = null;
    }
    if (own != null) {
      return own;
    }
    if (isFull && thread.queued() * 2 > options.limits().queue()) {
      dropped += rows;
      return null;
    }
    isFull = false;
    LabelledRows fresh =
        new LabelledRows(by.kind(), options.segment(), options.limits().waiting(), before);
    own = new Followed(by, fresh, isWhole);
    followed.put(session, own);
    if (followed.size() > options.limits().sessions()) {
      Iterator<String> oldest = followed.keySet().iterator();
      oldest.next();
      oldest.remove();
      forgotten++;
    }
    return own;
  }

  /// @return false if there is no room, and the session was forgotten
  private boolean submit(String session, Followed own) {
    Optional<Batch> next = own.rows().take();
    while (next.isPresent()) {
      if (!submit(own, next.get())) {
        // A session is learned from as a whole: what comes after a hole says nothing without it.
        dropped += own.rows().size();
        followed.remove(session);
        forgotten++;
        isFull = true;
        return false;
      }
      next = own.rows().take();
    }
    return true;
  }

  private boolean submit(Followed own, Batch segment) {
    LearnThread.Work work = new LearnThread.Work(own, segment, own.cut());
    if (thread == null) {
      learn(work);
      return true;
    }
    boolean fits = thread.offer(work);
    dropped += fits ? 0 : segment.steps();
    return fits;
  }

  private void learn(LearnThread.Work work) {
    try {
      synchronized (learning) {
        learning.read(work.session(), work.segment(), work.isFirst());
      }
    } catch (RuntimeException e) {
      // A thread that learns goes on: what is served does not depend on it.
      failed(e);
    } catch (Error e) {
      if (thread == null) {
        throw e;
      }
      drop();
      failed(new IllegalStateException("learning: " + e, e));
    }
  }

  /// Memory may have run out: what waits is let go, and all sessions are followed anew behind it.
  private synchronized void drop() {
    dropped += thread.drop();
    forgotten += followed.size();
    followed.clear();
  }

  /// Tells that somebody has put another model in the place of what was served. It is noticed with the next segment as
  /// well, but there may be none before the process ends.
  public void replaced() {
    try {
      synchronized (learning) {
        learning.adopt();
      }
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  /// How it is.
  public LearnStatus status() {
    LearnStatus.Front front;
    synchronized (this) {
      front =
          new LearnStatus.Front(
              followed.size(),
              thread == null ? 0 : thread.queued(),
              labelled,
              refused,
              dropped,
              forgotten,
              failures.get());
    }
    synchronized (learning) {
      return learning.status(front);
    }
  }

  /// Waits until nothing is left to be learned, without a limit of time.
  void await() throws InterruptedException {
    if (thread != null) {
      thread.await();
    }
  }

  /// Lets the thread end after the segment at hand. What waits is not learned.
  @Override
  public void close() {
    if (thread != null) {
      thread.close();
    }
  }
}
