package dev.unfold.unroll.rows;

import dev.unfold.argument.Refusal;
import dev.unfold.layer.LiveRows;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;

/// Where the steps of a batch of sequences lie in memory: the caller gives and gets `[T, B]`, row t*B + b for step t of
/// sequence b; inside there are only rows of steps that exist, in the order of [LiveRows].
///
/// A step that is missing within a sequence is left out like one after its end: the state passes it unchanged, so the
/// sequence is that of its other steps.
public final class PackedRows {
  public final LiveRows live;
  private final int steps;
  private final int batch;

  /// The place in the batch of the i-th shortest sequence.
  private final int[] order;

  /// For each row inside the caller's row.
  private final int[] given;

  /// For each row inside that of the same sequence's step as far from its last as this one is from its first; null
  /// until it is asked for.
  private int[] reversed;

  private boolean isReversed;
  private boolean plain;

  public PackedRows(LiveRows live) {
    this.live = live;
    steps = live.capacity();
    batch = live.batch();
    order = new int[batch];
    given = new int[steps * batch];
    fill();
  }

  /// All sequences have all steps.
  public void fill() {
    plain = true;
    isReversed = false;
    live.fill();
    Arrays.setAll(order, i -> i);
    Arrays.setAll(given, row -> row);
  }

  /// Which rows are there if sequence b has the first `lengths[b]` of `steps` = T steps.
  public static boolean[] present(int steps, int batch, int... lengths) {
    if (lengths.length != batch) {
      throw new Refusal("lengths", "B=" + batch + " numbers", lengths.length);
    }
    boolean[] present = new boolean[steps * batch];
    for (int b = 0; b < batch; b++) {
      if (lengths[b] < 0 || lengths[b] > steps) {
        throw new Refusal("lengths[%d]".formatted(b), "0 to T=%d".formatted(steps), lengths[b]);
      }
      for (int t = 0; t < lengths[b]; t++) {
        present[t * batch + b] = true;
      }
    }
    return present;
  }

  /// The b-th sequence has the steps t with `present[t*B + b]`; those beyond the array it has not.
  public void set(boolean[] present) {
    plain = false;
    isReversed = false;
    int[] lengths = new int[batch];
    for (int row = 0; row < present.length; row++) {
      lengths[row % batch] += present[row] ? 1 : 0;
    }
    int[] sorted =
        IntStream.range(0, batch)
            .boxed()
            .sorted(Comparator.comparingInt(b -> lengths[b]))
            .mapToInt(b -> b)
            .toArray();
    System.arraycopy(sorted, 0, order, 0, batch);
    live.set(Arrays.stream(sorted).map(b -> lengths[b]).toArray());
    for (int i = 0; i < batch; i++) {
      int step = 0;
      for (int row = order[i]; row < present.length; row += batch) {
        if (present[row]) {
          given[live.row(step, i)] = row;
          step++;
        }
      }
    }
  }

  /// The sequences are those of a batch, whose steps may be fewer.
  ///
  /// @param ofSteps T of the batch
  /// @param ofBatch its B
  /// @param present for row t*B + b whether sequence b has a step t; empty if all are there
  public void take(int ofSteps, int ofBatch, Optional<boolean[]> present) {
    if (ofBatch != batch || ofSteps > steps) {
      throw new Refusal(
          "batch",
          "at most T=%d steps of at most B=%d sequences".formatted(steps, batch),
          "%d of %d".formatted(ofSteps, ofBatch));
    }
    if (present.isPresent()) {
      set(present.get());
    } else if (ofSteps == steps) {
      fill();
    } else {
      boolean[] all = new boolean[ofSteps * batch];
      Arrays.fill(all, true);
      set(all);
    }
  }

  /// These are the steps from `from` on of `whole`, a batch with the same sequences in blocks of the same size, as many
  /// as there is room for. The caller's rows are those of the whole batch.
  public void set(PackedRows whole, int from) {
    plain = false;
    isReversed = false;
    System.arraycopy(whole.order, 0, order, 0, batch);
    int[] lengths = new int[batch];
    Arrays.setAll(lengths, i -> Math.clamp(whole.live.length(i) - (long) from, 0, steps));
    live.set(lengths);
    System.arraycopy(whole.given, whole.live.offset(from), given, 0, live.rows());
  }

  /// There is one row for each sequence of `whole`, a batch with as many, that has steps. The caller's is that of its
  /// last step.
  public void setLast(PackedRows whole) {
    plain = false;
    isReversed = false;
    System.arraycopy(whole.order, 0, order, 0, batch);
    int[] lengths = new int[batch];
    Arrays.setAll(lengths, i -> Math.min(1, whole.live.length(i)));
    live.set(lengths);
    for (int i = batch - live.rows(); i < batch; i++) {
      given[live.row(0, i)] = whole.given[whole.live.row(whole.live.length(i) - 1, i)];
    }
  }

  private void reverse() {
    for (int i = 0; i < batch; i++) {
      int length = live.length(i);
      for (int t = 0; t < length; t++) {
        reversed[live.row(t, i)] = live.row(length - 1 - t, i);
      }
    }
  }

  /// Whether inside and outside are the same.
  public boolean isPlain() {
    return plain;
  }

  /// How many rows there are inside.
  public int rows() {
    return live.rows();
  }

  /// The caller's row of a row inside.
  public int given(int row) {
    return given[row];
  }

  /// All of [#given(int)], the first [#rows] of which count.
  public int[] given() {
    return given;
  }

  /// The place in the batch of the i-th sequence inside.
  public int sequence(int i) {
    return order[i];
  }

  /// For each row inside the one that the other direction has at its time.
  public int[] reversed() {
    if (reversed == null) {
      reversed = new int[steps * batch];
    }
    if (!isReversed) {
      reverse();
      isReversed = true;
    }
    return reversed;
  }

  /// The first step of the last block; negative if there are no steps.
  public int lastBlock() {
    return live.steps() == 0 ? -1 : live.blockStart(live.steps() - 1);
  }

  /// The first row inside of the block of steps that starts at step `step`.
  public int firstRow(int step) {
    return live.offset(Math.min(step, live.steps()));
  }
}
