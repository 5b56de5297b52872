package dev.unfold.serve.session;

import dev.unfold.argument.Refusal;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Session;
import dev.unfold.run.session.SessionException;
import dev.unfold.run.session.SessionStatus;
import dev.unfold.run.session.Sessions;
import dev.unfold.serve.http.Problem;
import dev.unfold.serve.http.ProblemException;
import dev.unfold.serve.model.Models;
import dev.unfold.serve.model.ServedModel;
import io.helidon.http.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Finds sessions by their names, which are those of one session among all models, loaded or not. Where the files of
/// two models bring one name, that of the model that was named first is found.
///
/// **Threads**: any number.
final class Lookup {
  private final Models models;
  private final Object opening = new Object();

  /// A session and its model.
  record Found(ServedModel model, Session session) {}

  Lookup(Models models) {
    this.models = models;
  }

  /// The session of a name.
  ///
  /// **Errors**: [SessionException] of reason `UNKNOWN`, or `ENDED` if a model had one of that name; [ProblemException]
  /// of status 404 if it is that of a model that is not loaded.
  Found find(String id) {
    Optional<SessionException> ended = Optional.empty();
    SessionException unknown = null;
    for (ServedModel model : models.all()) {
      Optional<Sessions> sessions = model.sessions();
      if (sessions.isEmpty()) {
        continue;
      }
      try {
        return new Found(model, sessions.get().find(id));
      } catch (SessionException e) {
        switch (e.reason()) {
          case UNKNOWN -> unknown = e;
          case ENDED -> ended = Optional.of(e);
          default -> throw e;
        }
      }
    }
    for (ServedModel model : models.every()) {
      if (!model.isLoaded() && model.hasSession(id)) {
        // Which says so.
        ModelVersion _ = model.version();
      }
    }
    if (ended.isPresent()) {
      throw ended.get();
    }
    if (unknown == null) {
      throw none();
    }
    throw unknown;
  }

  private static ProblemException none() {
    return Problem.of(
            Status.NOT_FOUND_404, "unknown", "session: expected one that is open, got none at all")
        .exception();
  }

  /// Opens one.
  ///
  /// **Errors**: [Refusal] for the name of a sequence; [SessionException] of reason `FULL`; [ProblemException] of
  /// status 409 if a model has one of that name.
  Found open(ServedModel model, String id) {
    expectOwn(id);
    Sessions sessions = model.expectSessions();
    if (models.every().size() == 1) {
      return new Found(model, sessions.open(id));
    }
    synchronized (opening) {
      expectNew(id);
      return new Found(model, sessions.open(id));
    }
  }

  /// Opens one that goes on from where another is.
  ///
  /// **Errors**: as [#open].
  Found fork(Found from, String id) {
    expectOwn(id);
    if (models.every().size() == 1) {
      return new Found(from.model(), from.session().fork(id));
    }
    synchronized (opening) {
      expectNew(id);
      return new Found(from.model(), from.session().fork(id));
    }
  }

  private static void expectOwn(String id) {
    if (id.startsWith(ServedModel.SEQUENCES)) {
      throw new Refusal("id", "no " + ServedModel.SEQUENCES + " at its start, as of sequences", id);
    }
  }

  private void expectNew(String id) {
    for (ServedModel model : models.every()) {
      if (model.hasSession(id)) {
        throw Problem.of(
                Status.CONFLICT_409, "exists", "id: expected a new name, got that of another")
            .exception();
      }
    }
  }

  /// A part of all sessions, in the order of their names.
  ///
  /// @param of the name of a model, if only its sessions are meant
  /// @param after the name of the last one that was told; all are behind an empty one
  List<SessionStatus> list(Optional<String> of, String after, int limit) {
    TreeMap<String, ServedModel> next = new TreeMap<>();
    for (ServedModel model : of.map(name -> List.of(models.find(name))).orElse(models.all())) {
      model
          .sessions()
          .map(sessions -> sessions.ids(after, limit))
          .orElse(List.of())
          .forEach(id -> next.put(id, model));
    }
    List<SessionStatus> found = new ArrayList<>();
    next.forEach((id, model) -> {
      if (found.size() < limit) {
        try {
          found.add(model.expectSessions().find(id).status());
        } catch (SessionException | ProblemException _) {
          // It has ended, or its model was unloaded, since it was listed.
        }
      }
    });
    return found;
  }
}
