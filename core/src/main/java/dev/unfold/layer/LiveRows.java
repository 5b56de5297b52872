package dev.unfold.layer;

import dev.unfold.argument.Refusal;
import java.util.Arrays;

/// Which sequences of a batch are alive at which step, and where their rows lie.
///
/// The B sequences stand side by side in the order of their lengths, the shortest first. At step t the last n(t) of
/// them are alive; only these are computed, and a sequence `[T, B, F]` holds only their rows, one after the other: step
/// t starts at row
///
///     offset(t) = n(0) + n(1) + ... + n(t-1)
///
/// With sequences of one length n(t) = B and offset(t) = t*B. A state has B rows more: those before step 0. So the
/// states before the steps of a run of equal n(t) follow each other without gaps, as operands of a product must.
///
/// **Blocks**: what is summed over time is summed block by block, from the last to the first, so that the order of the
/// sums does not depend on how much of the sequence is in memory. Where blocks begin follows from T and B alone: each
/// has [#blockSteps] steps, the last the rest.
///
/// **Threads**: changed by one, while nobody reads.
public final class LiveRows {
  /// Rows of a block, at least, unless the sequence is long.
  private static final int BLOCK_ROWS = 512;

  /// The same for a long sequence, whose blocks are smaller, so that few of its steps have to be in memory at once.
  private static final int LONG_BLOCK_ROWS = 32;

  /// Beyond this a sequence is long.
  private static final int LONG = 256;

  /// How many blocks a long sequence is worth.
  private static final int LONG_BLOCKS = 50;

  /// Some places of an array are the virtual machine's.
  private static final int MOST_ROWS = Integer.MAX_VALUE - 8;

  private final int capacity;
  private final int batch;
  private final int blockSteps;
  private final int[] lengths;
  private final int[] counts;
  private final int[] offsets;
  private final int[] runStarts;
  private final int[] runEnds;
  private int steps;

  /// Room for `batch` = B sequences of up to `steps` = T steps, in blocks of `blockSteps`; all have T steps at first.
  public LiveRows(int steps, int batch, int blockSteps) {
    capacity = steps;
    this.batch = batch;
    this.blockSteps = blockSteps;
    rows(steps, batch);
    lengths = new int[batch];
    counts = new int[steps + 1];
    offsets = new int[steps + 1];
    runStarts = new int[steps + 1];
    runEnds = new int[steps + 1];
    fill();
  }

  /// T*B, the rows of B sequences of T steps.
  ///
  /// **Errors**: [IllegalArgumentException] if they are more than an array has places, or T or B is below 0.
  public static int rows(int steps, int batch) {
    long rows = (long) steps * batch;
    if (steps < 0 || batch < 0 || rows > MOST_ROWS) {
      throw new Refusal(
          "steps, batch",
          "T*B from 0 to %d".formatted(MOST_ROWS),
          "T=%d and B=%d".formatted(steps, batch));
    }
    return (int) rows;
  }

  /// Bytes of memory that this takes.
  public static long bytes(int steps, int batch) {
    return Integer.BYTES * (4L * (steps + 1) + batch);
  }

  /// The same, in blocks of [#blockSteps(int, int)].
  public LiveRows(int steps, int batch) {
    this(steps, batch, blockSteps(steps, batch));
  }

  /// The steps of a block of B sequences of T steps: 512 rows, or for a long sequence down to 32 of them, or to a
  /// fiftieth of T.
  public static int blockSteps(int steps, int batch) {
    int rows = Math.ceilDiv(BLOCK_ROWS, batch);
    if (steps <= LONG) {
      return rows;
    }
    int few = Math.max(Math.ceilDiv(LONG_BLOCK_ROWS, batch), steps / LONG_BLOCKS);
    return Math.min(rows, few);
  }

  /// Lets all sequences have T steps.
  public void fill() {
    Arrays.fill(lengths, capacity);
    plan();
  }

  /// Lets sequence b have `lengths[b]` steps, 0 to T, in rising order.
  public void set(int[] lengths) {
    if (lengths.length != batch) {
      throw new Refusal("lengths", "B=" + batch + " numbers", lengths.length);
    }
    int shortest = 0;
    for (int length : lengths) {
      if (length < shortest || length > capacity) {
        throw new Refusal(
            "lengths",
            "rising numbers from 0 to T=%d".formatted(capacity),
            Arrays.toString(lengths));
      }
      shortest = length;
    }
    System.arraycopy(lengths, 0, this.lengths, 0, batch);
    plan();
  }

  private void plan() {
    steps = lengths[batch - 1];
    int ended = 0;
    for (int t = 0; t <= capacity; t++) {
      while (ended < batch && lengths[ended] <= t) {
        ended++;
      }
      counts[t] = batch - ended;
      offsets[t] = t == 0 ? 0 : offsets[t - 1] + counts[t - 1];
      runStarts[t] = t > 0 && counts[t] == counts[t - 1] ? runStarts[t - 1] : t;
    }
    for (int t = steps - 1; t >= 0; t--) {
      runEnds[t] = t + 1 < steps && counts[t] == counts[t + 1] ? runEnds[t + 1] : t + 1;
    }
  }

  /// T, the most steps that there is room for.
  public int capacity() {
    return capacity;
  }

  /// B
  public int batch() {
    return batch;
  }

  /// The steps of the longest sequence.
  public int steps() {
    return steps;
  }

  /// The steps of the b-th sequence, in rising order.
  public int length(int b) {
    return lengths[b];
  }

  /// n(t): how many sequences have a step t.
  public int count(int t) {
    return counts[t];
  }

  /// The first row of step t.
  public int offset(int t) {
    return offsets[t];
  }

  /// How many rows all steps have.
  public int rows() {
    return offsets[steps];
  }

  /// The row of step t of the b-th sequence, which is alive then.
  public int row(int t, int b) {
    return offsets[t] + b - (batch - counts[t]);
  }

  /// Steps of a block.
  public int blockSteps() {
    return blockSteps;
  }

  /// The first step of the block that step t is in.
  public int blockStart(int t) {
    return t / blockSteps * blockSteps;
  }

  /// Where the chunk that starts at step t ends: with its block, or where a sequence ends.
  int chunkEnd(int t) {
    return Math.min(blockStart(t) + blockSteps, runEnds[t]);
  }

  /// Where the chunk that ends before step `until` starts.
  int chunkStart(int until) {
    return Math.max(blockStart(until - 1), runStarts[until - 1]);
  }
}
