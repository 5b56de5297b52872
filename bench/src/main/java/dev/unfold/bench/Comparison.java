package dev.unfold.bench;

import dev.unfold.bench.peer.PeerKind;
import dev.unfold.bench.problem.Agreement;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Start;
import dev.unfold.bench.problem.Task;
import dev.unfold.bench.problem.Tensors;
import dev.unfold.bench.report.Entry;
import dev.unfold.bench.report.Point;
import dev.unfold.bench.worker.PeerException;
import dev.unfold.bench.worker.Turn;
import dev.unfold.bench.worker.WorkerProcess;
import dev.unfold.measure.Times;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Runs all libraries at one point: checks that they agree, then times them in turns.
///
/// @param place where they run
/// @param warmup for how many seconds each runs before
/// @param seconds how long each is timed
record Comparison(WorkerProcess.Place place, double warmup, double seconds) {
  private static final int ROUNDS = 5;
  private static final long SEED = 1;
  private static final double GIGA = 1e9;

  /// In seconds: until what is measured as the machine's peak is surely compiled.
  private static final double PEAK_WARM_UP = 2;

  /// Longer than threads of any library wait spinning for more work.
  private static final int PAUSE_MILLIS = 100;

  /// A library on its way through the comparison.
  private static final class Runner implements AutoCloseable {
    final PeerKind peer;
    private final List<Turn> turns = new ArrayList<>();
    private WorkerProcess process;
    private WorkerProcess.Opened opened;
    private final List<Double> peaks = new ArrayList<>();
    private Agreement check;
    private String reason;

    Runner(PeerKind peer) {
      this.peer = peer;
    }

    /// Does not stop the others.
    void attempt(Runnable work) {
      if (reason != null) {
        return;
      }
      try {
        work.run();
      } catch (PeerException e) {
        reason = e.getMessage();
        close();
      }
    }

    private boolean isAgainstPeak(Shape shape) {
      return peer == PeerKind.UNFOLD && shape.task() == Task.TRAINING;
    }

    private Entry.Peak peak() {
      if (peaks.isEmpty()) {
        return null;
      }
      Times times = new Times(peaks.stream().mapToDouble(seconds -> seconds).toArray());
      double perSecond = 1 / times.median();
      return new Entry.Peak(
          perSecond / GIGA, opened.operations() / times(false).median() / perSecond);
    }

    @Override
    public void close() {
      if (process != null) {
        process.close();
        process = null;
      }
    }

    private Times times(boolean layOut) {
      return new Times(
          turns.stream()
              .flatMapToDouble(turn ->
                  Stream.of(layOut ? turn.layOutSeconds() : turn.seconds())
                      .flatMapToDouble(Arrays::stream))
              .toArray());
    }
  }

  /// The version of `peer`.
  ///
  /// **Errors**: [PeerException] if it does not start.
  public String version(PeerKind peer, Shape shape) {
    try (WorkerProcess process = WorkerProcess.start(peer, shape, place)) {
      return process.version();
    }
  }

  /// Unfold and `peers` at `shape`.
  public Point run(Shape shape, List<PeerKind> peers) {
    List<Runner> runners = new ArrayList<>();
    runners.add(new Runner(PeerKind.UNFOLD));
    peers.forEach(peer -> runners.add(new Runner(peer)));
    try {
      check(shape, runners);
      for (Runner runner : runners) {
        runner.attempt(() -> runner.process.time(warmup));
        if (runner.isAgainstPeak(shape)) {
          runner.attempt(() -> runner.process.peak(PEAK_WARM_UP));
        }
      }
      for (int round = 0; round < ROUNDS; round++) {
        for (Runner runner : runners) {
          pause();
          if (runner.isAgainstPeak(shape)) {
            runner.attempt(() -> runner.peaks.add(runner.process.peak(0)));
          }
          runner.attempt(() -> runner.turns.add(runner.process.time(seconds / ROUNDS)));
        }
      }
    } finally {
      runners.forEach(Runner::close);
    }
    return point(shape, runners);
  }

  /// Starts all processes and compares what they find. Unfold comes first, and is left with the problem
  /// that it is timed on.
  private void check(Shape shape, List<Runner> runners) {
    Map<Start, Tensors> references = new EnumMap<>(Start.class);
    for (Runner runner : runners) {
      runner.attempt(() -> {
        runner.process = WorkerProcess.start(runner.peer, shape, place);
        if (runner.peer == PeerKind.UNFOLD) {
          for (Start start : starts(shape, runners)) {
            runner.opened = runner.process.open(shape.from(start), SEED);
            references.put(start, runner.process.check());
          }
          return;
        }
        Start start = runner.peer.start(shape.cell());
        runner.opened = runner.process.open(shape.from(start), SEED);
        runner.check =
            Agreement.of(
                runner.peer.tolerance(shape), references.get(start), runner.process.check());
        if (!runner.check.holds()) {
          throw new PeerException(
              "differs from Unfold: " + String.join("; ", runner.check.failures()));
        }
      });
      if (references.isEmpty()) {
        return;
      }
    }
  }

  private static List<Start> starts(Shape shape, List<Runner> runners) {
    return Stream.concat(
            runners.stream().map(runner -> runner.peer.start(shape.cell())),
            Stream.of(shape.start()))
        .distinct()
        .sorted(Comparator.comparing(start -> start == shape.start()))
        .toList();
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Point point(Shape shape, List<Runner> runners) {
    Runner unfold = runners.getFirst();
    if (unfold.reason != null) {
      throw new IllegalStateException("Unfold at " + shape + ": " + unfold.reason);
    }
    double own = unfold.times(false).median();
    List<Entry> entries = new ArrayList<>();
    for (Runner runner : runners) {
      Entry.Timing timing =
          runner.reason == null
              ? Entry.Timing.of(runner.times(false), runner.times(true), own)
              : null;
      boolean known = runner.opened != null;
      entries.add(
          new Entry(
              runner.peer.label(),
              known ? runner.opened.version() : null,
              known ? runner.opened.implementation() : "",
              runner.check,
              timing,
              runner.peak(),
              runner.reason));
    }
    return new Point(shape, entries);
  }
}
