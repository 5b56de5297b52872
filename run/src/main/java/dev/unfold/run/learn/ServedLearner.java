package dev.unfold.run.learn;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Targets;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Sessions;
import dev.unfold.sequence.Inputs;
import java.nio.file.Path;
import java.time.InstantSource;
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
  private final LearnListener listener;
  private final Learning learning;
  private final FollowedSessions followed;

  /// Null if learning is within the calls.
  private final LearnThread thread;

  private final AtomicLong failures = new AtomicLong();

  private ServedLearner(
      Sessions sessions,
      ModelVersion given,
      Path folder,
      LearnOptions options,
      LearnListener listener,
      InstantSource clock,
      boolean isSynchronous) {
    Expect.given("options", options);
    Expect.given("sessions", sessions);
    Expect.given("given", given);
    Expect.given("clock", clock);
    this.listener = Expect.given("listener", listener);
    learning = new Learning(sessions, given, folder, options, listener, clock);
    thread =
        isSynchronous
            ? null
            : new LearnThread(options.limits(), sessions.version().name(), this::learn);
    FollowedSessions.Sink sink =
        thread == null ? FollowedSessions.Sink.within(this::learn) : thread;
    followed = new FollowedSessions(sessions, options, sink);
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
  public String targets() {
    return followed.ground().kind().none().getClass().getSimpleName();
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
    int count = Expect.given("rows", rows).rows();
    followed.tell(session, before, isWhole, count, (own, from, to) -> own.read(rows, from, to));
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
    followed.tell(
        session,
        before,
        isWhole,
        Expect.given("rows", rows).rows(),
        (own, from, to) -> {
          own.wrote(rows, from, to);
          return 0;
        });
  }

  /// Tells what was right at rows that a session read.
  ///
  /// @param step that of the first of them: 0 for the first row of the session
  /// @param targets one row for each
  /// @return how many steps that labels
  ///
  /// **Errors**: [Refusal] for rows that are not kept any more, or not yet read, or labelled before, and for targets of
  /// another kind: nothing was taken then.
  public int label(String session, long step, Targets targets) {
    return followed.label(session, step, targets);
  }

  /// Tells that a session has ended, or has gone elsewhere: what is known of its last rows is learned, and nothing else
  /// kept of it.
  public void end(String session) {
    followed.end(session);
  }

  /// Whether rows that a session reads by a version can be learned from: one whose state did not fit what is served
  /// now stays with what it had.
  public boolean follows(ModelVersion version) {
    return followed.ground().carries(Expect.given("version", version));
  }

  /// Counts what went wrong with who tells of sessions, and tells of it.
  public void failed(RuntimeException failure) {
    failures.incrementAndGet();
    listener.failed(Expect.given("failure", failure));
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
      // Memory may have run out: what waits is let go, and all sessions are followed anew behind
      // it.
      followed.drop(thread.drop());
      failed(new IllegalStateException("learning: " + e, e));
    }
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

  /// How it was after the last segment that was learned, and what waits now: nobody waits for the one at hand.
  public LearnStatus status() {
    return learning.status(followed.status(failures.get()));
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
