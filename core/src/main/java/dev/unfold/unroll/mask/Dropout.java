package dev.unfold.unroll.mask;

import dev.unfold.cell.Mask;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.Sequence;
import dev.unfold.unroll.rows.PackedRows;
import dev.unfold.unroll.rows.Sequences;

/// A random mask between what comes from below and who reads it: `y(t) = m(t) x(t)`.
///
/// **Memory**: three numbers for each of x.
public final class Dropout {
  /// The first matrix becomes the product of the others, number by number.
  public static final Pointwise MULTIPLY = multiply();

  private final PackedRows packedRows;
  private final Sequences below;
  private final Sequences own;
  private final Sequence masks;
  private final Mask mask;
  private final long purpose;
  private final PointwiseKernel kernel;

  public Dropout(Kernels kernels, PackedRows packedRows, Sequences below, Mask mask, long purpose) {
    this.packedRows = packedRows;
    this.below = below;
    this.mask = mask;
    this.purpose = purpose;
    own = new Sequences(alike(kernels, below.values()), alike(kernels, below.values()));
    masks = alike(kernels, below.values());
    kernel = kernels.prepare(MULTIPLY);
  }

  private Sequence alike(Kernels kernels, Sequence sequence) {
    int rows = packedRows.live.capacity() * packedRows.live.batch();
    return Sequence.allocate(kernels, rows, sequence.width());
  }

  private static Pointwise multiply() {
    Pointwise.Builder b = Pointwise.builder();
    Slot target = b.operand();
    Slot left = b.operand();
    Slot right = b.operand();
    return b.emit(Op.MULTIPLY, target, left, right).build();
  }

  /// What is read instead of what comes from below.
  public Sequences sequences() {
    return own;
  }

  /// With the masks of draw `draw`.
  public void forward(long draw) {
    Masks.fill(masks, packedRows, mask, draw, purpose);
    multiply(below.values(), own.values(), 0, packedRows.rows());
  }

  /// Hands the derivatives of the steps from `from` to `until` - 1 on to what is below.
  public void backward(int from, int until) {
    int first = packedRows.firstRow(from);
    multiply(own.gradients(), below.gradients(), first, packedRows.firstRow(until) - first);
  }

  private void multiply(Sequence from, Sequence to, int first, int count) {
    int all = packedRows.rows();
    Matrix target = to.rows(all).rows(first, count);
    Matrix source = from.rows(all).rows(first, count);
    kernel.run(new Matrix[] {target, source, masks.rows(all).rows(first, count)});
  }
}
