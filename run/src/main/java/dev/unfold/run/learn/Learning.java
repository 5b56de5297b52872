package dev.unfold.run.learn;

import dev.unfold.kernels.work.Team;
import dev.unfold.run.learn.Decision.Kind;
import dev.unfold.run.learn.PairedWindow.Verdict;
import dev.unfold.run.learn.SegmentReader.Outcome;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Sessions;
import dev.unfold.sequence.Batch;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
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
/// **Threads**: one caller at a time.
final class Learning {
  /// How often in a window it is asked who is better.
  private static final int LOOKS = 8;

  /// What is served may fall after this part of a window.
  private static final int LEAST = 4;

  /// Of the loss of the model as it was given, and of a nat: who is better by less is not served for that.
  private static final double LEAST_GAIN = 1e-3;

  private final Sessions sessions;
  private final LearnFolder folder;
  private final LearnOptions options;
  private final LearnListener listener;
  private final InstantSource clock;
  private final Team team = Team.of(1);
  private final PairedWindow challenge;
  private final Leniency leniency;
  private final LearnCounts counts = new LearnCounts();
  private Served served;

  /// What is looked at beside it, the model as it was given first; empty as long as that is served.
  private List<Guard> guards = List.of();

  /// The model as it was given.
  private Served original;

  private Shadow shadow;

  /// Labelled steps since it was last asked who is better.
  private long unseen;

  /// What is, or was, served.
  private record Served(ModelVersion version, SegmentReader reader) {}

  /// What was served before, beside what is.
  private record Guard(Served copy, PairedWindow window) {}

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
    this.clock = clock;
    challenge = window();
    leniency = new Leniency(options.contest());
    ModelVersion version = sessions.version();
    LabelKind.of(version.model());
    this.folder = new LearnFolder(folder, version);
    served = served(version);
    original = served;
    Ground ground = Ground.of(version);
    if (!given.version().equals(version.version()) && ground.carries(given)) {
      this.folder.original(given);
      original = served(given);
      serve(served, original);
    }
    shadow = new Shadow(version.network(), options, team);
  }

  private PairedWindow window() {
    return new PairedWindow(options.contest().window());
  }

  private Served served(ModelVersion version) {
    return new Served(version, SegmentReader.back(version.network(), options.segment(), team));
  }

  /// What it is all about now.
  LearnStatus status(LearnStatus.Front front) {
    Verdict now = challenge.verdict();
    return new LearnStatus(
        served.version().version(),
        original.version().version(),
        counts.steps,
        counts.original / counts.steps,
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
    }
  }

  private void run(Followed session, Batch segment, int labelled, boolean isCounted) {
    double ofServed = read(served, session, segment);
    double[] ofGuards =
        guards.stream().mapToDouble(guard -> read(guard.copy(), session, segment)).toArray();
    Outcome ofShadow = shadow.read(segment, session.held(shadow, shadow::zero), isCounted);
    session.keep(shadow, ofShadow.next());
    session.only(active(), served);
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

  private double read(Served copy, Followed session, Batch segment) {
    Outcome outcome =
        copy.reader().read(segment, session.held(copy, copy.reader()::zero), Optional.empty());
    session.keep(copy, outcome.next());
    return outcome.sum();
  }

  private List<Object> active() {
    List<Object> all = new ArrayList<>(List.of(served, shadow));
    guards.forEach(guard -> all.add(guard.copy()));
    return all;
  }

  private void score(int labelled, double ofServed, double[] ofGuards, double ofShadow) {
    double ofOriginal = guards.isEmpty() ? ofServed : ofGuards[0];
    counts.steps += labelled;
    counts.original += ofOriginal;
    counts.served += ofServed;
    counts.learning += ofShadow;
    challenge.add(ofServed, ofShadow, labelled);
    for (int i = 0; i < ofGuards.length; i++) {
      guards.get(i).window().add(ofServed, ofGuards[i], labelled);
    }
    listener.scored(new Scored(labelled, ofOriginal, ofServed, ofShadow));
  }

  private void learn(int labelled, double loss) {
    if (!shadow.learn(loss / labelled)) {
      restart(challenge.verdict());
      return;
    }
    counts.updates++;
    leniency.add(labelled);
    unseen += labelled;
    if (unseen * LOOKS >= options.contest().window()) {
      unseen = 0;
      decide();
    }
  }

  private void decide() {
    ContestOptions contest = options.contest();
    Optional<Guard> best =
        guards.stream()
            .filter(this::isBetter)
            .max(Comparator.comparingDouble(guard -> guard.window().verdict().difference()));
    Verdict now = challenge.verdict();
    if (best.isPresent()) {
      rollBack(best.get());
    } else if (challenge.isFull()
        && now.isBetter(contest.margin(), contest.deviations())
        && now.difference() > leastGain()) {
      promote(now);
    } else if (leniency.isOver(now)) {
      restart(now);
    }
  }

  /// A promotion takes a whole window; what turns out to be far worse than what was there before is not kept as long.
  private boolean isBetter(Guard guard) {
    ContestOptions contest = options.contest();
    Verdict verdict = guard.window().verdict();
    if (!(verdict.difference() > leastGain())) {
      return false;
    }
    return (guard.window().isFull() && verdict.isBetter(contest.margin(), contest.deviations()))
        || (guard.window().steps() * LEAST >= contest.window()
            && verdict.isBetter(contest.fall(), contest.deviations()));
  }

  private double leastGain() {
    Verdict verdict = challenge.verdict();
    double loss =
        guards.isEmpty() ? verdict.first() : guards.getFirst().window().verdict().second();
    double gain = LEAST_GAIN * Math.abs(loss);
    return LabelKind.of(served.version().model()).isNats() ? Math.max(gain, LEAST_GAIN) : gain;
  }

  private void promote(Verdict verdict) {
    ModelVersion before = served.version();
    LearnFolder.Written written =
        folder.promote(before.name(), Models.with(before.model(), shadow.snapshot()));
    Decision decision =
        decision(
            Kind.PROMOTION,
            written.number(),
            written.version().version(),
            Optional.of(written.file()),
            verdict);
    boolean isServed = false;
    try {
      isServed = replace(written.version(), decision);
    } finally {
      if (!isServed) {
        folder.takeBack(written);
      }
    }
    if (isServed) {
      serve(served(written.version()), served);
      counts.promotions++;
      listener.decided(decision);
      prune();
    }
  }

  /// Lets sessions run another version, and notes why: what was noted is what a server begins with the next time, so
  /// that it must have been served, and what is served must have been noted.
  ///
  /// @return false if somebody else has put another in its place
  private boolean replace(ModelVersion next, Decision decision) {
    ModelVersion before = served.version();
    if (!sessions.replace(before, next)) {
      return false;
    }
    boolean isNoted = false;
    try {
      folder.record(decision, options);
      isNoted = true;
    } finally {
      if (!isNoted) {
        boolean _ = sessions.replace(next, before);
      }
    }
    return true;
  }

  private void prune() {
    folder.prune(
        Stream.concat(Stream.of(served), guards.stream().map(Guard::copy))
            .map(copy -> copy.version().version())
            .collect(Collectors.toSet()));
  }

  private void rollBack(Guard guard) {
    Served back = guard.copy();
    Decision decision =
        decision(
            Kind.ROLLBACK,
            folder.next(),
            back.version().version(),
            Optional.empty(),
            guard.window().verdict());
    if (replace(back.version(), decision)) {
      serve(back, original);
      shadow = new Shadow(served.version().network(), options, team);
      counts.rollbacks++;
      listener.decided(decision);
    }
  }

  /// @param previous that is looked at beside the original
  private void serve(Served now, Served previous) {
    served = now;
    guards =
        Stream.of(original, previous)
            .distinct()
            .filter(copy -> !copy.equals(now))
            .map(copy -> new Guard(copy, window()))
            .toList();
    challenge.clear();
    leniency.reset();
  }

  private void restart(Verdict verdict) {
    Decision decision =
        decision(Kind.RESTART, 0, served.version().version(), Optional.empty(), verdict);
    shadow = new Shadow(served.version().network(), options, team);
    challenge.clear();
    leniency.fell();
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
    LabelKind.of(now.model());
    Decision decision =
        decision(
            Kind.REPLACEMENT,
            folder.next(),
            now.version(),
            Optional.empty(),
            new Verdict(Double.NaN, Double.NaN, Double.NaN, 0));
    folder.original(now);
    original = served(now);
    serve(original, original);
    shadow = new Shadow(now.network(), options, team);
    folder.record(decision, options);
    listener.decided(decision);
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
