package dev.unfold.serve.model;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Targets;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.run.learn.LearnStatus;
import dev.unfold.run.learn.OwnStatus;
import dev.unfold.run.learn.OwnWeights;
import dev.unfold.run.learn.ServedLearner;
import dev.unfold.run.session.Answer;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Session;
import dev.unfold.run.session.Turn;
import dev.unfold.sequence.Inputs;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Those who learn from what the sessions of a model read: a copy of it that may come to be served, and the weights of
/// single sessions that have their own.
///
/// Each row goes through here, so that none is read that learning is not told of; without learning it goes on to the
/// session alone.
///
/// **Threads**: any number; those of one session as it is held.
public final class Lessons implements AutoCloseable {
  private final Optional<ServedLearner> learner;
  private final Optional<OwnWeights> own;

  private Lessons(Optional<ServedLearner> learner, Optional<OwnWeights> own) {
    this.learner = learner;
    this.own = own;
  }

  /// Where nobody learns.
  static Lessons none() {
    return new Lessons(Optional.empty(), Optional.empty());
  }

  /// Of those who learn.
  static Lessons of(ServedLearner learner, OwnWeights own) {
    return new Lessons(Optional.of(learner), Optional.of(own));
  }

  /// Lets a session read rows that its user gave.
  public Answer read(String session, Turn turn, Inputs rows) {
    return answer(session, turn, rows, OwnWeights::step, ServedLearner::read);
  }

  /// Lets a session read tokens that the model wrote: nobody learns of them.
  public Answer wrote(String session, Turn turn, Inputs rows) {
    return answer(session, turn, rows, OwnWeights::wrote, ServedLearner::wrote);
  }

  /// How a session with weights of its own reads rows.
  private interface Reading {
    Answer read(OwnWeights own, String session, Turn turn, Inputs rows);
  }

  /// How the copy that learns is told of rows.
  private interface Telling {
    void tell(ServedLearner learner, String session, long before, boolean isWhole, Inputs rows);
  }

  private Answer answer(String session, Turn turn, Inputs rows, Reading reading, Telling telling) {
    long before = turn.step();
    boolean isWhole = isWhole(turn);
    ModelVersion version = turn.version();
    Answer answer =
        hasOwn(session) ? reading.read(own.get(), session, turn, rows) : turn.step(rows);
    tell(each -> {
      if (each.follows(version)) {
        telling.tell(each, session, before, isWhole, rows);
      }
    });
    return answer;
  }

  /// Whether a session begins with this turn. One that somebody brought a state for may say so too, but is not zeros.
  private boolean isWhole(Turn turn) {
    return learner.isPresent()
        && turn.step() == 0
        && turn.state().layers().stream().flatMap(List::stream).allMatch(Lessons::isZero);
  }

  private static boolean isZero(Matrix state) {
    for (int column = 0; column < state.cols(); column++) {
      if (state.get(0, column) != 0) {
        return false;
      }
    }
    return true;
  }

  /// What was read is answered, whatever becomes of learning.
  private void tell(Consumer<ServedLearner> news) {
    if (learner.isPresent()) {
      try {
        news.accept(learner.get());
      } catch (RuntimeException e) {
        learner.get().failed(e);
      }
    }
  }

  private boolean hasOwn(String session) {
    return own.isPresent() && own.get().has(session);
  }

  /// Whether anybody learns.
  public boolean isThere() {
    return learner.isPresent();
  }

  /// Tells what was right at rows that a session read.
  ///
  /// @return how many steps that labels
  ///
  /// **Errors**: [Refusal] for rows that are not kept, or targets of another kind.
  public int label(String session, long step, Targets targets) {
    if (!hasOwn(session)) {
      return learner.orElseThrow().label(session, step, targets);
    }
    int count = own.get().label(session, step, targets);
    try {
      return learner.orElseThrow().label(session, step, targets);
    } catch (Refusal _) {
      // The copy has lost sight of the session; its own weights have learned.
      return count;
    }
  }

  /// Tells that the model was read anew.
  void replaced() {
    learner.ifPresent(ServedLearner::replaced);
  }

  /// Tells that a session is elsewhere, or is no more.
  public void moved(Session session) {
    tell(each -> each.end(session.id()));
  }

  /// Tells that a session has ended.
  public void ended(Session session) {
    moved(session);
    own.ifPresent(each -> each.forget(session.id()));
  }

  /// Lets a session have weights of its own from now on.
  public void begin(Session session) {
    own.orElseThrow().begin(session.id());
  }

  /// Lets it run what is served again. One whose weights were lost needs nobody for that who learns.
  ///
  /// @return what it had learned; empty if nobody learns, and nothing was lost
  public Optional<OwnStatus> freeze(Session session) {
    if (own.isPresent()) {
      return Optional.of(own.get().freeze(session.id()));
    }
    try (Turn turn = session.begin()) {
      if (!turn.hasLostOwn()) {
        return Optional.empty();
      }
      turn.unpin();
      return Optional.of(OwnStatus.nothing(turn.version().version()));
    }
  }

  /// What a session with weights of its own has learned, if it has any.
  public Optional<OwnStatus> status(Session session) {
    return hasOwn(session.id()) ? Optional.of(own.get().status(session.id())) : Optional.empty();
  }

  /// How learning is, if anybody learns.
  public Optional<LearnStatus> status() {
    return learner.map(ServedLearner::status);
  }

  /// To be called now and then.
  public void sweep() {
    own.ifPresent(OwnWeights::sweep);
  }

  @Override
  public void close() {
    learner.ifPresent(ServedLearner::close);
  }
}
