package dev.unfold.unroll.head;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Head;
import dev.unfold.head.Pooling;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.LiveRows;
import dev.unfold.layer.Sequence;
import dev.unfold.model.HeadGradients;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkHead;
import dev.unfold.unroll.head.Attention.Step;
import dev.unfold.unroll.rows.PackedRows;
import dev.unfold.unroll.rows.RowWindow;
import dev.unfold.unroll.rows.Sequences;

/// One vector for each sequence of a batch, of those of its steps ([Pooling]): forward from the first step to the last,
/// and back from the last to the first, in one part or several, which give the same bits.
///
/// The sequences are in the order of [LiveRows], one row for each that has a step; a step's rows belong to the last of
/// them. Whatever a sequence has beside it, its numbers are computed in the order of its own steps.
///
/// **Memory**: two numbers for each sequence and unit, three for a maximum, and two for each sequence, five for
/// attention.
///
/// **Threads**: one.
public final class Pool {
  /// A float counts as far.
  private static final int MOST_STEPS = 1 << 24;

  private static final double[] NO_SCALARS = {};

  private final Pooling pooling;
  private final PackedRows rows;
  private final Sequences own;

  /// One over the number of its steps for each sequence; null unless the mean is wanted.
  private final Matrix shares;

  /// The step that each number of a maximum is from; null unless that is wanted.
  private final Matrix places;

  /// Null unless that is wanted.
  private final Attention attention;

  private final PointwiseKernel copy;
  private final PointwiseKernel forward;
  private final PointwiseKernel backward;
  private final PointwiseKernel scale;

  /// Of the batch.
  private PackedRows whole;

  /// @param head whose pooling says which vector that is
  Pool(Network network, NetworkHead head, int batch, int width) {
    Kernels kernels = network.kernels();
    pooling = head.head().pooled().orElseThrow();
    rows = new PackedRows(new LiveRows(1, batch));
    own =
        new Sequences(
            Sequence.allocate(kernels, batch, width), Sequence.allocate(kernels, batch, width));
    shares = pooling == Pooling.MEAN ? kernels.allocate(batch, 1) : null;
    places = pooling == Pooling.MAX ? kernels.allocate(batch, width) : null;
    attention = pooling == Pooling.ATTENTION ? new Attention(network, head, batch) : null;
    copy = kernels.prepare(Pointwise.of(Op.COPY));
    scale = kernels.prepare(scaling());
    forward =
        pooling == Pooling.MAX ? kernels.prepare(larger()) : kernels.prepare(Pointwise.of(Op.ADD));
    backward = pooling == Pooling.MAX ? kernels.prepare(ofPlace()) : copy;
  }

  private static Pointwise scaling() {
    Pointwise.Builder b = Pointwise.builder();
    Slot target = b.operand();
    Slot share = b.compute(Op.SPREAD, b.column());
    return b.emit(Op.MULTIPLY, target, target, share).build();
  }

  /// The larger of the number so far and a step's, and the step if that is larger. A NaN stays.
  private static Pointwise larger() {
    Pointwise.Builder b = Pointwise.builder();
    Slot most = b.operand();
    Slot place = b.operand();
    Slot h = b.operand();
    Slot step = b.scalar();
    Slot isLarger = b.compute(Op.STEP, b.compute(Op.SUBTRACT, h, most));
    Slot stays = b.compute(Op.ONE_MINUS, isLarger);
    Slot kept = b.compute(Op.MULTIPLY, most, stays);
    b.emit(Op.ADD, most, kept, b.compute(Op.MULTIPLY, h, isLarger));
    Slot keptPlace = b.compute(Op.MULTIPLY, place, stays);
    return b.emit(Op.ADD, place, keptPlace, b.compute(Op.MULTIPLY, isLarger, step)).build();
  }

  /// The derivative where the maximum is from the step, else 0.
  private static Pointwise ofPlace() {
    Pointwise.Builder b = Pointwise.builder();
    Slot target = b.operand();
    Slot derivative = b.operand();
    Slot place = b.operand();
    Slot distance = b.compute(Op.SUBTRACT, place, b.scalar());
    Slot isLater = b.compute(Op.STEP, distance);
    Slot isEarlier = b.compute(Op.STEP, b.compute(Op.NEGATE, distance));
    Slot isHere = b.compute(Op.ONE_MINUS, b.compute(Op.ADD, isLater, isEarlier));
    return b.emit(Op.MULTIPLY, target, derivative, isHere).build();
  }

  /// The rows of the sequences: the caller's are those of their last steps.
  public PackedRows rows() {
    return rows;
  }

  /// The vectors, and the derivatives with respect to them.
  public Sequences sequences() {
    return own;
  }

  /// Begins with the sequences of a batch.
  public void start(PackedRows batch) {
    if (pooling == Pooling.MAX && batch.live.steps() > MOST_STEPS) {
      throw new Refusal(
          "steps", "T of up to %d for a maximum".formatted(MOST_STEPS), batch.live.steps());
    }
    whole = batch;
    rows.setLast(batch);
    own.values().buffer().clear();
    if (pooling == Pooling.MAX) {
      places.clear();
    }
    if (pooling == Pooling.MEAN) {
      Matrix here = shares.toHost();
      int first = batch.live.batch() - rows.rows();
      for (int row = 0; row < rows.rows(); row++) {
        here.set(row, 0, 1.0 / batch.live.length(first + row));
      }
      shares.copy(here);
    }
  }

  /// Checks that no sequence has a target at another step than its last.
  public void check(Head head, Targets targets) {
    head.check(targets);
    int batch = whole.live.batch();
    for (int i = 0; i < batch; i++) {
      for (int t = 0; t < whole.live.length(i) - 1; t++) {
        int given = whole.given(whole.live.row(t, i));
        double weight = targets.weight(whole.given(whole.live.row(whole.live.length(i) - 1, i)));
        if (targets.weight(given) != weight) {
          throw Losses.severalWeights(head, targets.weight(given), weight, given % batch);
        }
        if (targets.has(given)) {
          throw new Refusal(
              "targets",
              "one for each sequence, at its last step, for a head of " + head.text(),
              "one at step %d of sequence %d".formatted(given / batch, given % batch));
        }
      }
    }
  }

  /// Takes the steps of a part of the batch, which follow those that were taken.
  ///
  /// @param from the step of the batch that is the first of the part
  /// @param values of the part's rows
  public void take(PackedRows part, int from, Sequence values) {
    RowWindow steps = new RowWindow(values.rows(part.live.capacity() * part.live.batch()));
    RowWindow pooled = new RowWindow(own.values().rows(rows.live.batch()));
    for (int t = from; t < from + part.live.steps(); t++) {
      int first = part.live.offset(t - from);
      int end = rows.rows() - (pooling == Pooling.LAST ? whole.live.count(t + 1) : 0);
      int start = rows.rows() - whole.live.count(t);
      if (end == start) {
        continue;
      }
      steps.show(first, end - start);
      pooled.show(start, end - start);
      if (attention != null) {
        attention.take(pooled.matrix, steps.matrix, start, t == 0 ? Step.FIRST : Step.LATER);
      } else if (pooling == Pooling.LAST || t == 0) {
        copy.run(new Matrix[] {pooled.matrix, steps.matrix}, NO_SCALARS);
      } else if (pooling == Pooling.MEAN) {
        forward.run(new Matrix[] {pooled.matrix, steps.matrix}, NO_SCALARS);
      } else {
        Matrix place = places.rows(start, end - start);
        forward.run(new Matrix[] {pooled.matrix, place, steps.matrix}, t);
      }
    }
    if (from + part.live.steps() == whole.live.steps()) {
      finish(own.values());
      if (attention != null) {
        attention.finish(own.values().rows(rows.rows()));
      }
    }
  }

  /// Divides a sum, or its derivatives, by the number of steps if the mean is wanted.
  private void finish(Sequence of) {
    if (pooling == Pooling.MEAN && rows.rows() > 0) {
      int count = rows.rows();
      scale.run(new Matrix[] {of.rows(count), shares.rows(0, count)}, NO_SCALARS);
    }
  }

  /// Takes the derivatives with respect to the vectors, which are in [#sequences], to hand them on.
  public void startBack() {
    finish(own.gradients());
    if (attention != null) {
      attention.startBack(own.values().rows(rows.rows()), own.gradients().rows(rows.rows()));
    }
  }

  /// Sets the derivatives with respect to the steps from `first` to `until` - 1 of a part, from the last to the first.
  ///
  /// @param from the step of the batch that is the first of the part
  /// @param below the part's rows
  /// @param gradients to which those of the pooling's own parameters are added
  public void back(
      PackedRows part, int from, Sequences below, int first, int until, HeadGradients gradients) {
    int capacity = part.live.capacity() * part.live.batch();
    RowWindow steps = new RowWindow(below.gradients().rows(capacity));
    RowWindow values = new RowWindow(below.values().rows(capacity));
    RowWindow pooled = new RowWindow(own.gradients().rows(rows.live.batch()));
    for (int t = from + until - 1; t >= from + first; t--) {
      int row = part.live.offset(t - from);
      int start = rows.rows() - whole.live.count(t);
      int end = rows.rows();
      if (pooling == Pooling.LAST) {
        steps.show(row, end - start);
        steps.matrix.clear();
        end -= whole.live.count(t + 1);
      }
      if (end == start) {
        continue;
      }
      steps.show(row, end - start);
      pooled.show(start, end - start);
      if (attention != null) {
        values.show(row, end - start);
        attention.back(steps.matrix, values.matrix, pooled.matrix, start, gradients.attention());
      } else if (pooling == Pooling.MAX) {
        Matrix place = places.rows(start, end - start);
        backward.run(new Matrix[] {steps.matrix, pooled.matrix, place}, t);
      } else {
        backward.run(new Matrix[] {steps.matrix, pooled.matrix}, NO_SCALARS);
      }
    }
  }
}
