package dev.unfold.run.learn;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Targets;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Sessions;
import dev.unfold.sequence.Batch;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The sessions that are followed: their rows become segments as soon as it is known what was right at them.
///
/// **Threads**: any number; those of one session in the order of its steps.
final class FollowedSessions {
  /// Rows that are taken while others wait to tell of theirs.
  private static final int PIECE = 256;

  private final Sessions sessions;
  private final LearnOptions options;
  private final Sink sink;

  /// The one that was not heard of for the longest time first.
  private final Map<String, Followed> followed = new LinkedHashMap<>(16, 0.75f, true);

  /// What those are read by that are followed.
  private Ground ground;

  private boolean isFull;
  private long labelled;
  private long refused;
  private long dropped;
  private long forgotten;

  /// Where segments go.
  interface Sink {
    /// Takes work if there is room for it.
    boolean offer(LearnThread.Work work);

    /// Steps that wait.
    int queued();

    /// Rows of a request that are taken at most.
    int most();

    /// One where all is learned within the call.
    static Sink within(Consumer<LearnThread.Work> learner) {
      return new Sink() {
        @Override
        public boolean offer(LearnThread.Work work) {
          learner.accept(work);
          return true;
        }

        @Override
        public int queued() {
          return 0;
        }

        @Override
        public int most() {
          return Integer.MAX_VALUE;
        }
      };
    }
  }

  /// Takes rows from one number up to another, and says how many steps that labels.
  interface Taking {
    /// Takes them.
    int take(LabelledRows own, int from, int to);
  }

  FollowedSessions(Sessions sessions, LearnOptions options, Sink sink) {
    this.sessions = sessions;
    this.options = options;
    this.sink = sink;
    ground = Ground.of(sessions.version());
  }

  /// What is read by now. If that has other states or targets, nobody goes on from what was read before.
  synchronized Ground ground() {
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

  /// Takes rows in pieces: who tells of another session waits for one of them, and not for all.
  ///
  /// @param before how many rows the session had read
  /// @param isWhole whether it begins here
  void tell(String session, long before, boolean isWhole, int rows, Taking taking) {
    Expect.given("session", session);
    int most = Math.min(rows, sink.most());
    int from = 0;
    boolean isFollowed = true;
    while (isFollowed && from < most) {
      int to = Math.min(most, from + PIECE);
      isFollowed = tell(session, before + from, isWhole && from == 0, from, to, taking);
      from = to;
    }
    if (from < rows) {
      skip(session, rows - from);
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

  /// Takes what was right at rows from step `step` on.
  ///
  /// @return how many steps that labels
  ///
  /// **Errors**: [Refusal] for rows that are not kept any more, and the like: nothing was taken then.
  synchronized int label(String session, long step, Targets targets) {
    Followed own = followed.get(Expect.given("session", session));
    Expect.given("targets", targets);
    try {
      if (own == null) {
        throw new Refusal("step", "a row of a session that is followed", session);
      }
      int count = own.rows().label(step, targets);
      labelled += count;
      boolean _ = submit(session, own);
      return count;
    } catch (IllegalArgumentException e) {
      refused++;
      throw e;
    }
  }

  /// Lets what is known of a session's last rows be learned, and forgets it.
  synchronized void end(String session) {
    Followed own = followed.remove(Expect.given("session", session));
    if (own != null) {
      own.rows().takeRest().ifPresent(rest -> submit(own, rest));
    }
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
    if (isFull && sink.queued() * 2 > options.limits().queue()) {
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
    boolean fits = sink.offer(new LearnThread.Work(own, segment, own.cut()));
    dropped += fits ? 0 : segment.steps();
    return fits;
  }

  /// Forgets all, since so many steps that waited were let go.
  synchronized void drop(int steps) {
    dropped += steps;
    forgotten += followed.size();
    followed.clear();
  }

  /// What has been told.
  ///
  /// @param failures what went wrong
  synchronized LearnStatus.Front status(long failures) {
    return new LearnStatus.Front(
        followed.size(), sink.queued(), labelled, refused, dropped, forgotten, failures);
  }
}
