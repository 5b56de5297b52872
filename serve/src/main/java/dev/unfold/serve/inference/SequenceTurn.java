package dev.unfold.serve.inference;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.run.session.Answer;
import dev.unfold.run.session.Session;
import dev.unfold.run.session.SessionException;
import dev.unfold.run.session.SessionException.Reason;
import dev.unfold.run.session.Sessions;
import dev.unfold.run.session.Turn;
import dev.unfold.serve.model.ServedModel;

/// One request of a sequence: a step of the session that has its state.
///
/// As in Triton, a sequence begins with a request that says so, and one that says so while there is a sequence of this
/// identifier begins it anew. Otherwise than there, two requests of a sequence at the same time are one too many (409),
/// and one that was idle for too long is gone (410), and not begun anew without a word.
///
/// @param model whose sequences they are
record SequenceTurn(ServedModel model) {
  /// Steps of a request: they are read all or none.
  static final int LONGEST = WholeSequences.PIECE;

  /// What the sequence said.
  ///
  /// @param version of the model that runs it
  /// @param outputs `[T, K]`
  record Said(String version, Matrix outputs) {}

  /// Reads the steps of a request.
  ///
  /// **Errors**: [Refusal] if there is no such sequence, or if the model has none; [SessionException] as it is told to
  /// others of sessions.
  Said run(InferRequest request) {
    SequenceParameters sequence = request.sequence().orElseThrow();
    Sessions sessions =
        model
            .sessions()
            .orElseThrow(() ->
                new Refusal(
                    "parameters.sequence_id",
                    "none, since the model does not run step by step",
                    sequence.shown()));
    if (request.steps() > LONGEST) {
      throw new Refusal(
          "inputs[0].shape[1]",
          "at most %,d steps of a sequence at a time".formatted(LONGEST),
          "%,d".formatted(request.steps()));
    }
    Session session = sequence.isStart() ? begun(sessions, sequence) : found(sessions, sequence);
    Answer answer;
    try (Turn turn = session.begin()) {
      answer = model.lessons().read(session.id(), turn, request.inputs());
      if (sequence.isEnd()) {
        end(session, turn);
      }
    } catch (SessionException e) {
      throw e.reason() == Reason.UNKNOWN ? unknown(sequence) : e;
    }
    return new Said(answer.version(), answer.outputs());
  }

  /// The step was read, and is told. If the end cannot be written, the sequence ends as those that nobody uses.
  private void end(Session session, Turn turn) {
    try {
      turn.end();
      model.lessons().ended(session);
    } catch (SessionException e) {
      System.getLogger(SequenceTurn.class.getName())
          .log(System.Logger.Level.WARNING, session.id() + ": " + e.getMessage());
    }
  }

  private Session begun(Sessions sessions, SequenceParameters sequence) {
    try {
      return sessions.open(sequence.session());
    } catch (SessionException e) {
      if (e.reason() != Reason.EXISTS) {
        throw e;
      }
    }
    Session old = sessions.find(sequence.session());
    old.end();
    model.lessons().ended(old);
    return sessions.open(sequence.session());
  }

  private static Session found(Sessions sessions, SequenceParameters sequence) {
    try {
      return sessions.find(sequence.session());
    } catch (SessionException e) {
      throw e.reason() == Reason.UNKNOWN ? unknown(sequence) : e;
    }
  }

  private static Refusal unknown(SequenceParameters sequence) {
    return new Refusal(
        "parameters.sequence_start",
        "true in the first request of a sequence",
        "none for sequence " + sequence.shown());
  }
}
