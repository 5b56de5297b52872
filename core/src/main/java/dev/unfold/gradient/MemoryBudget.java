package dev.unfold.gradient;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Precision;
import dev.unfold.layer.LiveRows;
import dev.unfold.layer.RecomputationSchedule;
import dev.unfold.model.NetworkSpec;

/// How a budget of memory is spent on long sequences: how many steps a segment has, and what is kept beside the tape of
/// one segment.
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
    long least = least(spec, precision, steps, batch);
    if (bytes < least) {
      // Rounded up, so that what is typed after it is enough.
      throw new Refusal(
          "memory",
          "%.1f MB (%d bytes) or more for T=%d steps of B=%d sequences"
              .formatted(Math.ceil(least / 1e5) / 10, least, steps, batch),
          "%.1f MB".formatted(bytes / 1e6));
    }
    int blockSteps = LiveRows.blockSteps(steps, batch);
    long state = Footprint.ofState(spec, precision, batch);
    long fixed = Footprint.ofBudgeted(spec, precision, steps, batch);
    MemoryBudget best = null;
    for (long steady = blockSteps; ; steady *= 2) {
      int segmentSteps = (int) Math.min(steady, steps);
      int segments = Math.ceilDiv(steps, segmentSteps);
      long tape = Footprint.ofUnrolled(spec, precision, segmentSteps, batch);
      long free = bytes - fixed - tape;
      if (segments <= MOST_SEGMENTS && free >= 0) {
        MemoryBudget budget =
            new MemoryBudget(
                blockSteps, segmentSteps, segments, schedule(segments, free, state, tape));
        best = best == null || budget.relativeTime() < best.relativeTime() ? budget : best;
      }
      if (steady >= steps) {
        break;
      }
    }
    return best;
  }

  /// The least budget that is enough: for the shortest segments that are not too many.
  static long least(NetworkSpec spec, Precision precision, int steps, int batch) {
    long segmentSteps = LiveRows.blockSteps(steps, batch);
    while (Math.ceilDiv(steps, segmentSteps) > MOST_SEGMENTS) {
      segmentSteps *= 2;
    }
    int shortest = (int) Math.min(segmentSteps, steps);
    return Footprint.ofBudgeted(spec, precision, steps, batch)
        + Footprint.ofUnrolled(spec, precision, shortest, batch);
  }

  private static RecomputationSchedule schedule(int segments, long free, long state, long tape) {
    long useful = segments * Math.ceilDiv(tape, state);
    long affordable = MOST_OPERATIONS / segments / segments;
    int units = (int) Math.min(free / state, Math.min(useful, affordable));
    int tapeUnits = (int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(tape, state));
    return new RecomputationSchedule(segments, units, tapeUnits);
  }

  /// About how many times the time of full back-propagation it takes, if a backward pass takes that of two forward
  /// passes.
  double relativeTime() {
    return ((double) schedule.runs(segments) / segments + 2) / 3;
  }
}
