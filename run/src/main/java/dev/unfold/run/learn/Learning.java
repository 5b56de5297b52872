package dev.unfold.run.learn;

import dev.unfold.kernels.work.Team;
import dev.unfold.run.learn.Contest.Guard;
import dev.unfold.run.learn.PairedWindow.Verdict;
import dev.unfold.run.learn.SegmentReader.Outcome;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Sessions;
import dev.unfold.sequence.Batch;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Learning from the segments of sessions, one after the other: what is served, what learns, what was served before and
/// the model as it was given read each, each from a state of its own, before anything is learned of it; then the one
/// that learns does, and then may take the place of what is served. Its course depends on the order of the segments
/// alone.
///
/// **Threads**: one caller at a time; [#status] is for anybody.
final class Learning {
  private final Sessions sessions;
  private final LearnOptions options;
  private final LearnListener listener;
  private final Team team = Team.of(1);
  private final Contest contest;
  private final Decisions decisions;
  private final LearnCounts counts = new LearnCounts();
  private ServedCopy served;

  /// The model as it was given.
  private ServedCopy original;

  private Shadow shadow;

  /// As it was after the last segment: who asks waits for none.
  private volatile LearnStatus status;

  Learning(
      Sessions sessions,
      ModelVersion given,
      Path folder,
      LearnOptions options,
      LearnListener listener,
      InstantSource clock) {
    this.sessions = sessions;
    this.options = options;
    this.listener = listener;
    contest = new Contest(options.contest());
    ModelVersion version = sessions.version();
    Ground ground = Ground.of(version);
    LearnFolder files = new LearnFolder(folder, version);
    decisions = new Decisions(sessions, files, options, clock);
    served = copy(version);
    original = served;
    if (!given.version().equals(version.version()) && ground.carries(given)) {
      files.original(given);
      original = copy(given);
    }
    contest.begin(served, original, original);
    shadow = new Shadow(version.network(), options, team);
    publish();
  }

  private ServedCopy copy(ModelVersion version) {
    return new ServedCopy(version, SegmentReader.back(version.network(), options.segment(), team));
  }

  /// What it was all about after the last segment.
  LearnStatus status(LearnStatus.Front front) {
    return status.with(front);
  }

  private void publish() {
    status =
        LearnStatus.of(
            served.version().version(), original.version().version(), counts, contest.verdict());
  }

  /// Reads a segment of a session, and learns of it.
  ///
  /// @param isFirst whether it only moves the states, since what was before it is not known
  void read(Followed session, Batch segment, boolean isFirst) {
    long begun = System.nanoTime();
    try {
      adopt();
      int labelled =
          Math.toIntExact(
              IntStream.range(0, segment.steps()).filter(segment.targets()::has).count());
      if (!session.ground().carries(served.version())) {
        // It waited while another model took the place of the one that it was read by.
        counts.skipped += labelled;
        return;
      }
      run(session, segment, labelled, !isFirst && labelled > 0);
    } finally {
      counts.seconds += (System.nanoTime() - begun) / 1e9;
      publish();
    }
  }

  private void run(Followed session, Batch segment, int labelled, boolean isCounted) {
    double ofServed = read(served, session, segment);
    double[] ofGuards =
        contest.guards().stream().mapToDouble(guard -> read(guard, session, segment)).toArray();
    Outcome ofShadow = shadow.read(segment, session.held(shadow, shadow::zero), isCounted);
    session.keep(shadow, ofShadow.next());
    List<Object> active = new ArrayList<>(List.of(served, shadow));
    active.addAll(contest.guards());
    session.only(active, served);
    boolean isSane =
        Double.isFinite(ofServed) && Arrays.stream(ofGuards).allMatch(Double::isFinite);
    // What was read was out of all bounds: that says nothing of the copy that learns.
    if (!isSane || !isCounted) {
      counts.skipped += labelled;
    } else if (!Double.isFinite(ofShadow.sum())) {
      counts.skipped += labelled;
      restart(new Verdict(ofServed / labelled, Double.NaN, Double.NaN, labelled));
    } else {
      score(labelled, ofServed, ofGuards, ofShadow.sum());
      learn(labelled, ofShadow.sum());
    }
  }

  private double read(ServedCopy copy, Followed session, Batch segment) {
    Outcome outcome =
        copy.reader().read(segment, session.held(copy, copy.reader()::zero), Optional.empty());
    session.keep(copy, outcome.next());
    return outcome.sum();
  }

  private void score(int labelled, double ofServed, double[] ofGuards, double ofShadow) {
    double ofOriginal = ofGuards.length == 0 ? ofServed : ofGuards[0];
    counts.steps += labelled;
    counts.original += ofOriginal;
    counts.served += ofServed;
    counts.learning += ofShadow;
    contest.add(labelled, ofServed, ofGuards, ofShadow);
    listener.scored(new Scored(labelled, ofOriginal, ofServed, ofShadow));
  }

  private void learn(int labelled, double loss) {
    if (!shadow.learn(loss / labelled)) {
      restart(contest.verdict());
      return;
    }
    counts.updates++;
    if (contest.learned(labelled)) {
      decide();
    }
  }

  private void decide() {
    Optional<Guard> better = contest.better();
    if (better.isPresent()) {
      rollBack(better.get());
    } else if (contest.isWon()) {
      promote();
    } else if (contest.isLost()) {
      restart(contest.verdict());
    }
  }

  private Decisions.Moment now() {
    return new Decisions.Moment(served.version(), counts.steps, shadow.updates());
  }

  private void promote() {
    decisions
        .promote(now(), Models.with(served.version().model(), shadow.snapshot()), contest.verdict())
        .ifPresent(done -> {
          serve(copy(done.version()), served);
          counts.promotions++;
          listener.decided(done.decision());
          decisions.prune(
              Stream.concat(Stream.of(served), contest.guards().stream())
                  .map(copy -> copy.version().version())
                  .collect(Collectors.toSet()));
        });
  }

  private void rollBack(Guard guard) {
    ServedCopy back = guard.copy();
    decisions
        .rollBack(now(), back.version(), guard.window().verdict())
        .ifPresent(done -> {
          serve(back, original);
          shadow = new Shadow(served.version().network(), options, team);
          counts.rollbacks++;
          listener.decided(done.decision());
        });
  }

  /// @param previous that is looked at beside the original
  private void serve(ServedCopy now, ServedCopy previous) {
    served = now;
    contest.begin(now, original, previous);
  }

  private void restart(Verdict verdict) {
    Decision decision = decisions.restart(now(), verdict);
    shadow = new Shadow(served.version().network(), options, team);
    contest.restart();
    counts.restarts++;
    listener.decided(decision);
  }

  /// Goes with what somebody else has put in the place of what is served, and notes it: otherwise a server would begin
  /// the next time with what was promoted before.
  void adopt() {
    ModelVersion now = sessions.version();
    if (now.equals(served.version())) {
      return;
    }
    Ground _ = Ground.of(now);
    Decisions.Moment moment = now();
    original = copy(now);
    serve(original, original);
    shadow = new Shadow(now.network(), options, team);
    publish();
    // The same file, read again, is no news: it would be a note each time.
    if (!now.version().equals(moment.served().version())) {
      listener.decided(decisions.replaced(moment, now));
    }
  }
}
