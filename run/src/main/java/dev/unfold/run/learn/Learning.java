package dev.unfold.run.learn;

import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.run.learn.Decision.Kind;
import dev.unfold.run.learn.PairedWindow.Verdict;
import dev.unfold.run.learn.SegmentReader.Outcome;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Sessions;
import dev.unfold.sequence.Batch;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/// Learning from the segments of sessions, one after the other: what is served, what learns and what was served before
/// read each, each from a state of its own, before anything is learned of it; then the one that learns does, and then
/// may take the place of what is served. Its course depends on the order of the segments alone.
///
/// **Threads**: one caller at a time.
final class Learning {
  private static final int LOOKS = 8;
  private static final int LEAST = 4;

  private final Sessions sessions;
  private final LearnFolder folder;
  private final LearnOptions options;
  private final LearnListener listener;
  private final InstantSource clock;
  private final Team team = Team.of(1);
  private final PairedWindow challenge;
  private final PairedWindow watch;
  private final LearnCounts counts = new LearnCounts();
  private Served served;
  private Shadow shadow;

  /// What was served before; null if it is not looked at.
  private Served guard;

  /// Labelled steps since it was last asked who is better.
  private long unseen;

  /// What is, or was, served.
  private record Served(ModelVersion version, SegmentReader reader) {}

  Learning(
      Sessions sessions,
      Path folder,
      LearnOptions options,
      LearnListener listener,
      InstantSource clock) {
    this.sessions = sessions;
    this.options = options;
    this.listener = listener;
    this.clock = clock;
    challenge = new PairedWindow(options.contest().window());
    watch = new PairedWindow(options.contest().window());
    ModelVersion version = sessions.version();
    LabelKind.of(version.model());
    this.folder = new LearnFolder(folder, version);
    served = served(version);
    shadow = new Shadow(version.network(), options, team);
  }

  private Served served(ModelVersion version) {
    return new Served(
        version, SegmentReader.back(version.network(), options.segment(), team));
  }

  /// What it is all about now.
  LearnStatus status(LearnStatus.Front front) {
    Verdict now = challenge.verdict();
    return new LearnStatus(
        served.version().version(),
        Optional.ofNullable(guard).map(own -> own.version().version()),
        counts.steps,
        counts.served / counts.steps,
        counts.learning / counts.steps,
        now.first(),
        now.second(),
        counts.updates,
        counts.promotions,
        counts.rollbacks,
        counts.restarts,
        counts.skipped,
        counts.seconds,
        front);
  }

  /// Reads a segment of a session, and learns of it.
  void read(Followed session, Batch segment, boolean isFirst) {
    long begun = System.nanoTime();
    try {
      adopt();
      run(session, segment, isFirst);
    } finally {
      counts.seconds += (System.nanoTime() - begun) / 1e9;
    }
  }

  private void run(Followed session, Batch segment, boolean isFirst) {
    int labelled =
        Math.toIntExact(
            IntStream.range(0, segment.steps()).filter(segment.targets()::has).count());
    boolean counted = !isFirst && labelled > 0;
    Outcome ofServed = read(served, session, segment);
    Outcome ofGuard = guard == null ? null : read(guard, session, segment);
    Outcome ofShadow = shadow.read(segment, session.held(shadow, shadow::zero), counted);
    session.keep(served, ofServed.next());
    session.keep(shadow, ofShadow.next());
    if (guard != null) {
      session.keep(guard, ofGuard.next());
    }
    session.only(active(), served);
    boolean isSane =
        Double.isFinite(ofServed.sum()) && (ofGuard == null || Double.isFinite(ofGuard.sum()));
    // What was read was out of all bounds: that says nothing of the copy that learns.
    if (!isSane || !counted) {
      counts.skipped += labelled;
      return;
    }
    if (!Double.isFinite(ofShadow.sum())) {
      counts.skipped += labelled;
      restart(new Verdict(ofServed.sum() / labelled, Double.NaN, Double.NaN, labelled));
      return;
    }
    counts.steps += labelled;
    counts.served += ofServed.sum();
    counts.learning += ofShadow.sum();
    challenge.add(ofServed.sum(), ofShadow.sum(), labelled);
    if (guard != null) {
      watch.add(ofServed.sum(), ofGuard.sum(), labelled);
    }
    listener.scored(
        new Scored(
            labelled,
            ofServed.sum(),
            ofShadow.sum(),
            guard == null ? OptionalDouble.empty() : OptionalDouble.of(ofGuard.sum())));
    if (!shadow.learn(ofShadow.sum() / labelled)) {
      restart(challenge.verdict());
      return;
    }
    counts.updates++;
    unseen += labelled;
    if (unseen * LOOKS >= options.contest().window()) {
      unseen = 0;
      decide();
    }
  }

  private Outcome read(Served copy, Followed session, Batch segment) {
    return copy.reader().read(segment, session.held(copy, copy.reader()::zero), Optional.empty());
  }

  private List<Object> active() {
    List<Object> all = new ArrayList<>(List.of(served, shadow));
    if (guard != null) {
      all.add(guard);
    }
    return all;
  }

  private void decide() {
    ContestOptions contest = options.contest();
    Verdict old = watch.verdict();
    if (guard != null
        && watch.isFull()
        && old.isBetter(contest.margin(), contest.deviations())) {
      rollBack(old);
      return;
    }
    Verdict now = challenge.verdict();
    if (challenge.isFull() && now.isBetter(contest.margin(), contest.deviations())) {
      promote(now);
    } else if (challenge.steps() * LEAST >= contest.window()
        && now.isWorse(contest.fall(), contest.deviations())) {
      restart(now);
    }
  }

  private void promote(Verdict verdict) {
    ModelVersion before = served.version();
    Network learned = shadow.snapshot();
    LearnFolder.Written written =
        folder.promote(before.name(), Models.with(before.model(), learned));
    Decision decision =
        decision(
            Kind.PROMOTION,
            written.number(),
            written.version().version(),
            Optional.of(written.file()),
            verdict);
    folder.record(decision, options);
    if (sessions.replace(before, written.version())) {
      guard = served;
      served = served(written.version());
      challenge.clear();
      watch.clear();
      counts.promotions++;
      listener.decided(decision);
    }
  }

  private void rollBack(Verdict verdict) {
    Decision decision =
        decision(
            Kind.ROLLBACK,
            folder.next(),
            guard.version().version(),
            Optional.empty(),
            verdict);
    folder.record(decision, options);
    if (sessions.replace(served.version(), guard.version())) {
      served = guard;
      beginAnew();
      counts.rollbacks++;
      listener.decided(decision);
    }
  }

  private void restart(Verdict verdict) {
    Decision decision =
        decision(Kind.RESTART, 0, served.version().version(), Optional.empty(), verdict);
    shadow = new Shadow(served.version().network(), options, team);
    challenge.clear();
    counts.restarts++;
    listener.decided(decision);
  }

  /// Goes with what somebody else has put in the place of what is served.
  private void adopt() {
    ModelVersion now = sessions.version();
    if (now == served.version()) {
      return;
    }
    LabelKind.of(now.model());
    Decision decision =
        decision(
            Kind.REPLACEMENT,
            0,
            now.version(),
            Optional.empty(),
            new Verdict(Double.NaN, Double.NaN, Double.NaN, 0));
    folder.original(now);
    served = served(now);
    beginAnew();
    listener.decided(decision);
  }

  /// What is served alone, and a copy of it that learns.
  private void beginAnew() {
    guard = null;
    shadow = new Shadow(served.version().network(), options, team);
    challenge.clear();
    watch.clear();
  }

  private Decision decision(
      Kind kind, int number, String version, Optional<Path> file, Verdict verdict) {
    return new Decision(
        kind,
        number,
        version,
        served.version().version(),
        file,
        counts.steps,
        shadow.updates(),
        verdict.second(),
        verdict.first(),
        verdict.error(),
        verdict.steps(),
        clock.instant());
  }
}
