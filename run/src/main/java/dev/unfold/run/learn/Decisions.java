package dev.unfold.run.learn;

import dev.unfold.formats.model.Model;
import dev.unfold.formats.safetensors.WriteException;
import dev.unfold.run.learn.Decision.Kind;
import dev.unfold.run.learn.PairedWindow.Verdict;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Sessions;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;

/// Carries out what was decided: notes it in the folder, and lets sessions run it. Both or neither happens.
///
/// It is noted first. Whoever cannot note it has changed nothing, and a note can be taken back on a disk that is full.
///
/// **Threads**: one caller at a time.
final class Decisions {
  private final Sessions sessions;
  private final LearnFolder folder;
  private final LearnOptions options;
  private final InstantSource clock;

  Decisions(Sessions sessions, LearnFolder folder, LearnOptions options, InstantSource clock) {
    this.sessions = sessions;
    this.folder = folder;
    this.options = options;
    this.clock = clock;
  }

  /// When a decision is made.
  ///
  /// @param served what is served as it is made
  /// @param steps labelled steps so far
  /// @param updates of the copy that learns
  record Moment(ModelVersion served, long steps, long updates) {}

  /// That was carried out.
  ///
  /// @param decision it
  /// @param version that is served now
  record Done(Decision decision, ModelVersion version) {}

  /// Lets what has learned be served.
  ///
  /// @return none if somebody else has put another in the place of what was served
  ///
  /// **Errors**: [WriteException] if it cannot be written; nothing has changed then.
  Optional<Done> promote(Moment moment, Model learned, Verdict verdict) {
    LearnFolder.Written written = folder.promote(moment.served().name(), learned);
    boolean isServed = false;
    try {
      Decision decision =
          decision(
              Kind.PROMOTION,
              written.number(),
              moment,
              written.version().version(),
              Optional.of(written.file()),
              verdict);
      isServed = serve(moment, written.version(), decision);
      return isServed ? Optional.of(new Done(decision, written.version())) : Optional.empty();
    } finally {
      if (!isServed) {
        folder.takeBack(written);
      }
    }
  }

  /// Lets what was served before be served again.
  ///
  /// @return none, and **Errors**: as above
  Optional<Done> rollBack(Moment moment, ModelVersion back, Verdict verdict) {
    Decision decision =
        decision(Kind.ROLLBACK, folder.next(), moment, back.version(), Optional.empty(), verdict);
    return serve(moment, back, decision) ? Optional.of(new Done(decision, back)) : Optional.empty();
  }

  private boolean serve(Moment moment, ModelVersion next, Decision decision) {
    Path note = folder.record(decision, options);
    boolean isServed = false;
    try {
      isServed = sessions.replace(moment.served(), next);
      return isServed;
    } finally {
      if (!isServed) {
        folder.takeBack(note);
      }
    }
  }

  /// That the copy begins anew, which nobody needs to note.
  Decision restart(Moment moment, Verdict verdict) {
    return decision(Kind.RESTART, 0, moment, moment.served().version(), Optional.empty(), verdict);
  }

  /// Notes that somebody else has put another model in the place of what was served, which is the one that was given
  /// from now on.
  ///
  /// **Errors**: [WriteException].
  Decision replaced(Moment moment, ModelVersion now) {
    Verdict unknown = new Verdict(Double.NaN, Double.NaN, Double.NaN, 0);
    Decision decision =
        decision(Kind.REPLACEMENT, folder.next(), moment, now.version(), Optional.empty(), unknown);
    folder.original(now);
    Path _ = folder.record(decision, options);
    return decision;
  }

  /// Lets go of promotions that nobody needs any more.
  ///
  /// @param used versions that are needed
  void prune(Set<String> used) {
    folder.prune(used);
  }

  private Decision decision(
      Kind kind, int number, Moment moment, String version, Optional<Path> file, Verdict verdict) {
    return new Decision(
        kind,
        number,
        version,
        moment.served().version(),
        file,
        moment.steps(),
        moment.updates(),
        verdict.second(),
        verdict.first(),
        verdict.error(),
        verdict.steps(),
        clock.instant());
  }
}
