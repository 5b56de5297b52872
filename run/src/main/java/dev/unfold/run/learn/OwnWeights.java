package dev.unfold.run.learn;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Targets;
import dev.unfold.run.session.Answer;
import dev.unfold.run.session.Session;
import dev.unfold.run.session.Sessions;
import dev.unfold.run.session.Turn;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.dynamic.DynamicEvaluation;
import java.util.Optional;
import java.util.function.Consumer;

/// Sessions with weights of their own: each learns from what it reads itself, in segments of n steps, and from nothing
/// else ([DynamicEvaluation]). What a step is answered with was there before anything was learned of it.
///
///     OwnWeights own = OwnWeights.of(sessions, OwnOptions.defaults());
///     own.begin("user-7");
///     Answer answer = own.step("user-7", rows);
///     own.freeze("user-7");
///
/// Such a session is in its store like all others, and keeps state, marks and turns there; it runs a version of its own
/// ([Turn#pin]), named as the one that it began with, `+` and how often it has learned. Each answer names the version
/// that its last row was answered with. Answers depend on the session's own rows and targets alone, bit for bit: it
/// learns within the call. [#freeze] leaves it its state and lets it run what is served. If it is far worse than it
/// would be without learning it begins anew ([OwnOptions#guard]).
///
/// The weights are in memory alone, and stay there when the session's state is left to a file. With the store, or its
/// process, they are lost, and no other model answers in their place without a word: a session of a folder that was
/// stepped with them is refused then ([Turn#pin]), until [#freeze] lets it go on with what is served, or [#begin] lets
/// it learn anew.
///
/// **Memory**: for each session the parameters some four times, and a network unrolled over n steps.
///
/// **Threads**: any number; of two at one session at once one is refused, as by [Session].
public final class OwnWeights {
  private final Sessions sessions;
  private final OwnOptions options;
  private final OwnSessions all;
  private final Consumer<RuntimeException> failed;

  private OwnWeights(Sessions sessions, OwnOptions options, Consumer<RuntimeException> failed) {
    this.failed = Expect.given("failed", failed);
    this.sessions = Expect.given("sessions", sessions);
    this.options = Expect.given("options", options);
    all = new OwnSessions(sessions, options.sessions());
    LabelKind.of(sessions.version().model());
  }

  /// For sessions of a store.
  ///
  /// **Errors**: [Refusal] if the model cannot learn.
  public static OwnWeights of(Sessions sessions, OwnOptions options) {
    return of(sessions, options, _ -> {});
  }

  /// The same.
  ///
  /// @param failed is told why a session has lost its weights: learning that fails takes them from it, and not its
  ///     answers
  public static OwnWeights of(
      Sessions sessions, OwnOptions options, Consumer<RuntimeException> failed) {
    return new OwnWeights(sessions, options, failed);
  }

  /// Lets a session learn from now on, beginning with what is served.
  ///
  /// **Errors**: [Refusal] if it does already, or if there are as many as there may be; and as [Session].
  public void begin(String session) {
    try (Turn turn = sessions.find(session).begin()) {
      all.add(session, opened -> new OwnSession(options, opened, turn));
    }
  }

  /// Whether a session has weights of its own.
  public boolean has(String session) {
    return all.has(session);
  }

  /// How many have.
  public int size() {
    return all.size();
  }

  /// What a session has learned.
  ///
  /// **Errors**: [Refusal] if it has no weights of its own.
  public OwnStatus status(String session) {
    try (Turn _ = sessions.find(session).begin()) {
      return all.expect(session).status();
    }
  }

  /// Reads rows, in the place of [Session#step(Inputs)], and learns. Of a model of texts each is what was right at the
  /// row before.
  ///
  /// **Errors**: as that; [Refusal] if the session has no weights of its own.
  public Answer step(String session, Inputs rows) {
    try (Turn turn = sessions.find(session).begin()) {
      OwnSession _ = all.expect(session);
      return step(session, turn, rows);
    }
  }

  /// Reads rows if the session has read `expected` before.
  ///
  /// **Errors**: as above, and as [Session#step(Inputs, long)].
  public Answer step(String session, Inputs rows, long expected) {
    try (Turn turn = sessions.find(session).begin(expected)) {
      OwnSession _ = all.expect(session);
      return step(session, turn, rows);
    }
  }

  /// Reads rows of a session whose turn the caller has. If it has no weights of its own, or loses them because
  /// learning fails, it reads them as all others do.
  ///
  /// **Errors**: as [Turn#step].
  public Answer step(String session, Turn turn, Inputs rows) {
    Expect.given("rows", rows);
    Optional<OwnSession> own = enter(session, turn);
    if (own.isEmpty() || rows.rows() == 0) {
      return turn.step(rows);
    }
    own.get().expect(rows);
    Answers answers = new Answers(rows.rows());
    int from = 0;
    boolean isLearned = true;
    while (from < rows.rows()) {
      Inputs next = rows.part(from, 1);
      isLearned = isLearned && tried(session, () -> own.get().foretell(next, turn));
      int count = isLearned ? own.get().count(rows, from) : rows.rows() - from;
      Inputs part = OwnSession.part(rows, from, count);
      answers.add(turn.step(part));
      isLearned = isLearned && tried(session, () -> own.get().read(part));
      from += count;
    }
    if (!isLearned) {
      turn.unpin();
    }
    return answers.all();
  }

  /// Reads rows that the model wrote, of a session whose turn the caller has: nobody learns of them.
  ///
  /// **Errors**: as [Turn#step].
  public Answer wrote(String session, Turn turn, Inputs rows) {
    Optional<OwnSession> own = enter(session, turn);
    Answer answer = turn.step(Expect.given("rows", rows));
    if (own.isPresent()
        && !tried(
            session,
            () -> {
              own.get().wrote(rows);
              own.get().learn(turn);
            })) {
      turn.unpin();
    }
    return answer;
  }

  /// What fails while a session learns must not take the place of an answer: it loses its weights.
  private boolean tried(String session, Runnable learning) {
    try {
      learning.run();
      return true;
    } catch (RuntimeException e) {
      all.forget(session);
      failed.accept(e);
      return false;
    }
  }

  /// Learns what was right at rows that the session read.
  ///
  /// @param step that of the first of them: 0 for the first row of the session
  /// @return how many steps that labels
  ///
  /// **Errors**: [Refusal] for rows that are not kept any more, not yet read, or labelled before.
  public int label(String session, long step, Targets targets) {
    try (Turn turn = sessions.find(session).begin()) {
      OwnSession own = enter(session, turn).orElseThrow(() -> OwnSessions.none(session));
      int labelled = own.label(step, Expect.given("targets", targets));
      if (!tried(session, () -> own.learn(turn))) {
        turn.unpin();
      }
      return labelled;
    }
  }

  /// Lets a session run what is served again, from its next step on. Its state stays, what it has learned is forgotten.
  ///
  /// @return what it had learned; nothing of one whose weights were lost
  public OwnStatus freeze(String session) {
    try (Turn turn = sessions.find(session).begin()) {
      if (turn.hasLostOwn()) {
        turn.unpin();
        return OwnStatus.nothing(turn.version().version());
      }
      OwnStatus status = remove(all.expect(session), session);
      turn.unpin();
      return status;
    }
  }

  /// Forgets a session that has ended.
  ///
  /// @return what it had learned
  public OwnStatus end(String session) {
    return remove(all.last(session), session);
  }

  /// Forgets sessions that the store does not have any more.
  public void sweep() {
    all.sweep();
  }

  /// Forgets what a session has learned, if it has weights of its own: it has ended.
  public void forget(String session) {
    all.forget(session);
  }

  private OwnStatus remove(OwnSession own, String session) {
    try {
      own.learnRest();
    } catch (RuntimeException e) {
      failed.accept(e);
    }
    all.forget(session);
    return own.status();
  }

  /// Those of a session whose turn the caller has; none if it is elsewhere, or its weights cannot be taken up: then it
  /// runs what is served.
  private Optional<OwnSession> enter(String session, Turn turn) {
    Optional<OwnSession> own = all.find(session);
    boolean[] isSame = {false};
    if (own.isEmpty() || (tried(session, () -> isSame[0] = own.get().enter(turn)) && isSame[0])) {
      return own;
    }
    all.forget(session);
    turn.unpin();
    return Optional.empty();
  }
}
