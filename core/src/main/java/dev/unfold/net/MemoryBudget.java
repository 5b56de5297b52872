package dev.unfold.net;

import dev.unfold.bptt.LiveRows;
import dev.unfold.bptt.RecomputationSchedule;
import dev.unfold.kernels.Precision;

/// How a budget of memory is spent on long sequences: how many steps a segment has, and what is kept beside the tape of one
/// segment.
///
/// @param blockSteps steps of a block, by which all sums over time go
/// @param segmentSteps steps of a segment, a multiple of those of a block or all
/// @param segments how many there are
/// @param schedule what is kept and what is computed again
record MemoryBudget(
    int blockSteps, int segmentSteps, int segments, RecomputationSchedule schedule) {
  /// More segments than this make the schedule too long to find.
  private static final int MOST_SEGMENTS = 256;

  /// Operations that finding a schedule may take, n^2 m.
  private static final long MOST_OPERATIONS = 40_000_000;

  /// The way to spend `bytes` that takes least time.
  ///
  /// **Errors**: [IllegalArgumentException] that names the least budget if this is too small.
  static MemoryBudget of(NetworkSpec spec, Precision precision, int steps, int batch, long bytes) {
    int blockSteps = LiveRows.blockSteps(steps, batch);
    long state = Footprint.ofState(spec, precision, batch);
    long fixed = Footprint.ofBudgeted(spec, precision, steps, batch);
    MemoryBudget best = null;
    long least = Long.MAX_VALUE;
    for (long steady = blockSteps; ; steady *= 2) {
      int segmentSteps = (int) Math.min(steady, steps);
      int segments = Math.ceilDiv(steps, segmentSteps);
      long tape = Footprint.ofUnrolled(spec, precision, segmentSteps, batch);
      if (segments <= MOST_SEGMENTS) {
        least = Math.min(least, fixed + tape);
        long free = bytes - fixed - tape;
        if (free >= 0) {
          MemoryBudget budget =
              new MemoryBudget(
                  blockSteps, segmentSteps, segments, schedule(segments, free, state, tape));
          best = best == null || budget.relativeTime() < best.relativeTime() ? budget : best;
        }
      }
      if (steady >= steps) {
        break;
      }
    }
    if (best == null) {
      throw new IllegalArgumentException(
          "memory: expected %.1f MB (%d bytes) or more for T=%d steps of B=%d sequences, got %.1f MB"
              .formatted(least / 1e6, least, steps, batch, bytes / 1e6));
    }
    return best;
  }

  private static RecomputationSchedule schedule(int segments, long free, long state, long tape) {
    long useful = segments * Math.ceilDiv(tape, state);
    long affordable = MOST_OPERATIONS / segments / segments;
    int units = (int) Math.min(free / state, Math.min(useful, affordable));
    int tapeUnits = (int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(tape, state));
    return new RecomputationSchedule(segments, units, tapeUnits);
  }

  /// About how many times the time of full back-propagation it takes, if a backward pass takes that of two forward passes.
  double relativeTime() {
    return ((double) schedule.runs(segments) / segments + 2) / 3;
  }
}
