package dev.unfold.run.learn;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Targets;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.run.learn.SegmentReader.Held;
import dev.unfold.run.learn.SegmentReader.Outcome;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Turn;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.dynamic.DynamicEvaluation;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.IntStream;

/// A session with weights of its own, and what it has learned.
///
/// **Threads**: who holds the session's turn.
final class OwnSession {
  private final OwnOptions options;
  private final Instant opened;
  private final LabelKind kind;
  private final ModelVersion base;
  private final DynamicEvaluation dynamic;

  /// What the session would be answered without learning, and what that is worth.
  private final SegmentReader frozen;

  private final PairedWindow watch;
  private final Leniency leniency;
  private Held frozenHeld;
  private double frozenLosses;
  private LabelledRows rows;

  /// What the session runs: the weights as they are.
  private ModelVersion pinned;

  private long updates;
  private long restarts;
  private long steps;
  private double losses;

  /// One that has learned nothing.
  ///
  /// @param opened when the session was, which tells it from another of the same name
  OwnSession(OwnOptions options, Instant opened, Turn turn) {
    this.opened = opened;
    this.options = options;
    base = turn.version();
    kind = LabelKind.of(base.model());
    dynamic =
        new DynamicEvaluation(
            base.network(), options.rule(), options.learned(), options.segment(), Team.of(1));
    frozen = SegmentReader.back(base.network(), options.segment(), Team.of(1));
    watch = new PairedWindow(options.guard().window());
    leniency = new Leniency(options.guard());
    resume(turn);
    pin(turn);
  }

  private void pin(Turn turn) {
    Network now = Shadow.copy(dynamic.network());
    pinned =
        new ModelVersion(
            base.name(), base.version() + "+" + updates, Models.with(base.model(), now));
    turn.pin(pinned);
  }

  /// Goes on from where the session is.
  private void resume(Turn turn) {
    rows = new LabelledRows(kind, options.segment(), options.waiting(), turn.step());
    State state = turn.state();
    dynamic.start(state);
    frozenHeld = new Held(state, Optional.empty());
  }

  Instant opened() {
    return opened;
  }

  /// Goes on with the session as it is: if it was stepped, or went elsewhere, without being told, from there.
  ///
  /// @return false if it is not where it was, and does not run what it was given: its rows are unknown
  boolean enter(Turn turn) {
    boolean isPinned = turn.version().equals(pinned);
    boolean follows = rows.next() == turn.step();
    if (isPinned && !follows) {
      resume(turn);
    } else if (!isPinned && follows) {
      // Somebody else has let it run what is served.
      turn.pin(pinned);
    }
    return isPinned || follows;
  }

  /// Checks that all of `rows` can be read, before any is.
  ///
  /// **Errors**: [Refusal] for no token of the model.
  void expect(Inputs all) {
    if (kind.isNext() && all instanceof Inputs.Tokens tokens) {
      for (int i = tokens.from(); i < tokens.tokens().length; i++) {
        kind.expectToken(tokens.tokens()[i]);
      }
    }
  }

  /// Of rows from `from` on, how many are read before something is learned.
  int count(Inputs all, int from) {
    int left = all.rows() - from;
    return kind.isNext() ? Math.min(left, Math.max(1, options.segment() - rows.size())) : left;
  }

  /// A part of tokens has those behind it as well, which nobody reads yet.
  static Inputs part(Inputs rows, int from, int count) {
    int[] own = new int[count];
    for (int i = 0; i < count; i++) {
      own[i] = from + i;
    }
    return rows.select(own);
  }

  /// Learns of what comes next, before it is read: nothing else says that it was right.
  void foretell(Inputs next, Turn turn) {
    if (next instanceof Inputs.Tokens tokens) {
      rows.foretell(tokens.tokens()[tokens.from()]);
      learn(turn);
    }
  }

  /// Takes rows that were read.
  void read(Inputs read) {
    rows.read(read);
  }

  /// Takes rows that the model wrote.
  void wrote(Inputs written) {
    rows.wrote(written);
  }

  /// Takes what was right, and learns nothing of it yet.
  int label(long step, Targets targets) {
    return rows.label(step, targets);
  }

  /// Learns of all segments that are whole, and lets the session run what came of it.
  void learn(Turn turn) {
    long before = updates;
    for (Optional<Batch> next = rows.take(); next.isPresent(); next = rows.take()) {
      learn(next.get());
    }
    if (updates > before) {
      pin(turn);
    }
  }

  /// Learns of the last rows that are known, and forgets the others.
  void learnRest() {
    rows.takeRest().ifPresent(this::learn);
  }

  private void learn(Batch segment) {
    Outcome ofFrozen = frozen.read(segment, frozenHeld, Optional.empty());
    frozenHeld = ofFrozen.next();
    int labelled =
        Math.toIntExact(IntStream.range(0, segment.steps()).filter(segment.targets()::has).count());
    if (labelled == 0) {
      dynamic.start(new Runner(dynamic.network()).run(segment.inputs(), dynamic.state()).state());
      return;
    }
    double sum = dynamic.segment(segment);
    updates++;
    boolean isSane = Double.isFinite(sum);
    if (isSane) {
      steps += labelled;
      losses += sum;
      frozenLosses += ofFrozen.sum();
      watch.add(ofFrozen.sum(), sum, labelled);
      leniency.add(labelled);
    }
    if (!isSane || !isFinite(dynamic.network()) || leniency.isOver(watch.verdict())) {
      State state = dynamic.state();
      dynamic.restart();
      dynamic.start(state);
      watch.clear();
      leniency.fell();
      restarts++;
    }
  }

  private static boolean isFinite(Network network) {
    return Double.isFinite(network.kernels().sumOfSquares(network.parameters().all()));
  }

  OwnStatus status() {
    return new OwnStatus(
        base.version(), updates, restarts, steps, losses / steps, frozenLosses / steps);
  }
}
