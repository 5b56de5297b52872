package dev.unfold.unroll.head;

import dev.unfold.head.PooledHead;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkHead;

/// The mean over the steps of each sequence by a softmax ([dev.unfold.head.Pooling#ATTENTION]), taken step by step:
/// with m the largest e_t so far and s the sum of exp(e_t - m), s and the vector so far shrink by exp(m - m') when a
/// step has a larger one, m'. On the way back a step's share a_t = exp(e_t - m) / s is computed again.
///
/// **Memory**: five numbers for each sequence.
///
/// **Threads**: one.
///
/// **Source**: M. Milakov and N. Gimelshein, Online normalizer calculation for softmax, 2018.
final class Attention {
  private static final double[] NO_SCALARS = {};

  /// Which step of a sequence.
  enum Step {
    FIRST,
    LATER
  }

  private final Kernels kernels;

  /// u, in each row.
  private final Matrix wanted;

  /// m, s, and dE/dp . p
  private final Matrix largest;

  private final Matrix sums;
  private final Matrix ofPooled;

  /// c_t of the rows of a step.
  private final Matrix slopes;

  private final PointwiseKernel first;
  private final PointwiseKernel later;
  private final PointwiseKernel division;
  private final PointwiseKernel product;
  private final PointwiseKernel backward;

  Attention(Network network, NetworkHead head, int batch) {
    kernels = network.kernels();
    Matrix row = network.parameters().matrix(head.name(PooledHead.ATTENTION));
    wanted = Matrix.repeated(row.buffer(), row.offset(), 0, row.cols());
    largest = kernels.allocate(batch, 1);
    sums = kernels.allocate(batch, 1);
    ofPooled = kernels.allocate(batch, 1);
    slopes = kernels.allocate(batch, 1);
    first = kernels.prepare(firstStep());
    later = kernels.prepare(laterStep());
    division = kernels.prepare(divided());
    product = kernels.prepare(products());
    backward = kernels.prepare(shares());
  }

  /// The sum over a row of x y.
  private static Slot dot(Pointwise.Builder b, Slot x, Slot y) {
    Slot sum = b.rowTemporary();
    b.emit(Op.SUM, sum, b.compute(Op.MULTIPLY, x, y), x);
    return sum;
  }

  /// A new number of a row that holds op(left, right).
  private static Slot ofRow(Pointwise.Builder b, Op op, Slot left, Slot right) {
    Slot target = b.rowTemporary();
    b.emit(op, target, left, right);
    return target;
  }

  private static Slot spread(Pointwise.Builder b, Slot ofRow) {
    return b.compute(Op.SPREAD, ofRow);
  }

  private static Pointwise firstStep() {
    Pointwise.Builder b = Pointwise.builder();
    Slot p = b.operand();
    Slot h = b.operand();
    Slot u = b.operand();
    Slot m = b.column();
    Slot s = b.column();
    Slot e = dot(b, h, u);
    b.emit(Op.COPY, m, e, e);
    Slot nothing = ofRow(b, Op.SUBTRACT, e, e);
    b.emit(Op.EXP, s, nothing, nothing);
    return b.emit(Op.COPY, p, h, h).build();
  }

  private static Pointwise laterStep() {
    Pointwise.Builder b = Pointwise.builder();
    Slot p = b.operand();
    Slot h = b.operand();
    Slot u = b.operand();
    Slot m = b.column();
    Slot s = b.column();
    Slot e = dot(b, h, u);
    Slot over = ofRow(b, Op.SUBTRACT, e, m);
    Slot rise = ofRow(b, Op.RELU, over, over);
    Slot fall = ofRow(b, Op.NEGATE, rise, rise);
    Slot kept = ofRow(b, Op.EXP, fall, fall);
    Slot distance = ofRow(b, Op.SUBTRACT, over, rise);
    Slot own = ofRow(b, Op.EXP, distance, distance);
    b.emit(Op.ADD, m, m, rise);
    b.emit(Op.ADD, s, ofRow(b, Op.MULTIPLY, s, kept), own);
    Slot before = b.compute(Op.MULTIPLY, p, spread(b, kept));
    return b.emit(Op.ADD, p, before, b.compute(Op.MULTIPLY, h, spread(b, own))).build();
  }

  private static Pointwise divided() {
    Pointwise.Builder b = Pointwise.builder();
    Slot p = b.operand();
    return b.emit(Op.DIVIDE, p, p, spread(b, b.column())).build();
  }

  private static Pointwise products() {
    Pointwise.Builder b = Pointwise.builder();
    Slot p = b.operand();
    Slot g = b.operand();
    Slot product = b.compute(Op.MULTIPLY, p, g);
    return b.emit(Op.SUM, b.column(), product, product).build();
  }

  private static Pointwise shares() {
    Pointwise.Builder b = Pointwise.builder();
    Slot target = b.operand();
    Slot h = b.operand();
    Slot g = b.operand();
    Slot u = b.operand();
    Slot m = b.column();
    Slot s = b.column();
    Slot ofPooled = b.column();
    Slot c = b.column();
    Slot distance = ofRow(b, Op.SUBTRACT, dot(b, h, u), m);
    Slot share = ofRow(b, Op.DIVIDE, ofRow(b, Op.EXP, distance, distance), s);
    Slot difference = ofRow(b, Op.SUBTRACT, dot(b, g, h), ofPooled);
    b.emit(Op.MULTIPLY, c, share, difference);
    Slot direct = b.compute(Op.MULTIPLY, g, spread(b, share));
    return b.emit(Op.ADD, target, direct, b.compute(Op.MULTIPLY, u, spread(b, c))).build();
  }

  /// Takes a step of the sequences from `start` on.
  ///
  /// @param pooled their vectors so far
  void take(Matrix pooled, Matrix values, int start, Step step) {
    int count = values.rows();
    wanted.moveTo(wanted.offset(), count);
    Matrix m = largest.rows(start, count);
    PointwiseKernel program = step == Step.FIRST ? first : later;
    program.run(new Matrix[] {pooled, values, wanted, m, sums.rows(start, count)}, NO_SCALARS);
  }

  /// Makes means of the vectors of all sequences.
  void finish(Matrix pooled) {
    if (pooled.rows() > 0) {
      division.run(new Matrix[] {pooled, sums.rows(0, pooled.rows())}, NO_SCALARS);
    }
  }

  /// Takes the vectors and the derivatives with respect to them, to hand these on.
  void startBack(Matrix pooled, Matrix gradients) {
    if (pooled.rows() > 0) {
      Matrix sum = ofPooled.rows(0, pooled.rows());
      product.run(new Matrix[] {pooled, gradients, sum}, NO_SCALARS);
    }
  }

  /// Sets the derivatives with respect to a step of the sequences from `start` on, and adds its part of dE/du.
  ///
  /// @param pooled the derivatives with respect to their vectors
  void back(Matrix target, Matrix values, Matrix pooled, int start, Matrix ofWanted) {
    int count = values.rows();
    wanted.moveTo(wanted.offset(), count);
    Matrix c = slopes.rows(0, count);
    Matrix m = largest.rows(start, count);
    Matrix s = sums.rows(start, count);
    Matrix gp = ofPooled.rows(start, count);
    backward.run(new Matrix[] {target, values, pooled, wanted, m, s, gp, c}, NO_SCALARS);
    kernels.multiplyTransposedAdd(c, values, ofWanted);
  }
}
