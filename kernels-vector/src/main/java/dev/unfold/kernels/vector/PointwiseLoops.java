package dev.unfold.kernels.vector;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// The operations of a pointwise program over a [Block] of elements: a loop for each.
///
/// Anatomy: for each row, whole vectors, then the rest through a mask with the same formula. With x from
/// `left` and y from `right`, `target` becomes what the first line of each says. One loop for all, with
/// the operation as a parameter, would have the compiler keep the constants of all functions at hand.
final class PointwiseLoops {
  private PointwiseLoops() {}

  /// x
  static void copy(Block block, Place target, Place left) {
    MemorySegment t = target.segment();
    MemorySegment l = left.segment();
    VectorMask<Float> tail = block.tail();
    int whole = block.whole();
    for (int row = 0; row < block.rows(); row++) {
      long to = target.rowAt(row);
      long xAt = left.rowAt(row);
      for (int i = 0; i < whole; i += Lanes.BYTES) {
        FloatVector x = Lanes.load(l, xAt + i);
        Lanes.store(x, t, to + i);
      }
      if (tail != null) {
        FloatVector x = Lanes.load(l, xAt + whole, tail);
        Lanes.store(x, t, to + whole, tail);
      }
    }
  }

  /// -x
  static void negate(Block block, Place target, Place left) {
    MemorySegment t = target.segment();
    MemorySegment l = left.segment();
    VectorMask<Float> tail = block.tail();
    int whole = block.whole();
    for (int row = 0; row < block.rows(); row++) {
      long to = target.rowAt(row);
      long xAt = left.rowAt(row);
      for (int i = 0; i < whole; i += Lanes.BYTES) {
        FloatVector x = Lanes.load(l, xAt + i);
        Lanes.store(x.neg(), t, to + i);
      }
      if (tail != null) {
        FloatVector x = Lanes.load(l, xAt + whole, tail);
        Lanes.store(x.neg(), t, to + whole, tail);
      }
    }
  }

  /// 1 - x
  static void oneMinus(Block block, Place target, Place left) {
    MemorySegment t = target.segment();
    MemorySegment l = left.segment();
    VectorMask<Float> tail = block.tail();
    int whole = block.whole();
    for (int row = 0; row < block.rows(); row++) {
      long to = target.rowAt(row);
      long xAt = left.rowAt(row);
      for (int i = 0; i < whole; i += Lanes.BYTES) {
        FloatVector x = Lanes.load(l, xAt + i);
        Lanes.store(Lanes.fill(1f).sub(x), t, to + i);
      }
      if (tail != null) {
        FloatVector x = Lanes.load(l, xAt + whole, tail);
        Lanes.store(Lanes.fill(1f).sub(x), t, to + whole, tail);
      }
    }
  }

  /// 1 / (1 + exp(-x))
  static void sigmoid(Block block, Place target, Place left) {
    MemorySegment t = target.segment();
    MemorySegment l = left.segment();
    VectorMask<Float> tail = block.tail();
    int whole = block.whole();
    for (int row = 0; row < block.rows(); row++) {
      long to = target.rowAt(row);
      long xAt = left.rowAt(row);
      for (int i = 0; i < whole; i += Lanes.BYTES) {
        FloatVector x = Lanes.load(l, xAt + i);
        Lanes.store(Functions.sigmoid(x), t, to + i);
      }
      if (tail != null) {
        FloatVector x = Lanes.load(l, xAt + whole, tail);
        Lanes.store(Functions.sigmoid(x), t, to + whole, tail);
      }
    }
  }

  /// tanh(x)
  static void tanh(Block block, Place target, Place left) {
    MemorySegment t = target.segment();
    MemorySegment l = left.segment();
    VectorMask<Float> tail = block.tail();
    int whole = block.whole();
    for (int row = 0; row < block.rows(); row++) {
      long to = target.rowAt(row);
      long xAt = left.rowAt(row);
      for (int i = 0; i < whole; i += Lanes.BYTES) {
        FloatVector x = Lanes.load(l, xAt + i);
        Lanes.store(Functions.tanh(x), t, to + i);
      }
      if (tail != null) {
        FloatVector x = Lanes.load(l, xAt + whole, tail);
        Lanes.store(Functions.tanh(x), t, to + whole, tail);
      }
    }
  }

  /// max(x, 0)
  static void relu(Block block, Place target, Place left) {
    MemorySegment t = target.segment();
    MemorySegment l = left.segment();
    VectorMask<Float> tail = block.tail();
    int whole = block.whole();
    for (int row = 0; row < block.rows(); row++) {
      long to = target.rowAt(row);
      long xAt = left.rowAt(row);
      for (int i = 0; i < whole; i += Lanes.BYTES) {
        FloatVector x = Lanes.load(l, xAt + i);
        Lanes.store(Functions.relu(x), t, to + i);
      }
      if (tail != null) {
        FloatVector x = Lanes.load(l, xAt + whole, tail);
        Lanes.store(Functions.relu(x), t, to + whole, tail);
      }
    }
  }

  /// 1 if x > 0, else 0
  static void step(Block block, Place target, Place left) {
    MemorySegment t = target.segment();
    MemorySegment l = left.segment();
    VectorMask<Float> tail = block.tail();
    int whole = block.whole();
    for (int row = 0; row < block.rows(); row++) {
      long to = target.rowAt(row);
      long xAt = left.rowAt(row);
      for (int i = 0; i < whole; i += Lanes.BYTES) {
        FloatVector x = Lanes.load(l, xAt + i);
        Lanes.store(Functions.step(x), t, to + i);
      }
      if (tail != null) {
        FloatVector x = Lanes.load(l, xAt + whole, tail);
        Lanes.store(Functions.step(x), t, to + whole, tail);
      }
    }
  }

  /// exp(x)
  static void exp(Block block, Place target, Place left) {
    MemorySegment t = target.segment();
    MemorySegment l = left.segment();
    VectorMask<Float> tail = block.tail();
    int whole = block.whole();
    for (int row = 0; row < block.rows(); row++) {
      long to = target.rowAt(row);
      long xAt = left.rowAt(row);
      for (int i = 0; i < whole; i += Lanes.BYTES) {
        FloatVector x = Lanes.load(l, xAt + i);
        Lanes.store(Functions.exp(x), t, to + i);
      }
      if (tail != null) {
        FloatVector x = Lanes.load(l, xAt + whole, tail);
        Lanes.store(Functions.exp(x), t, to + whole, tail);
      }
    }
  }

  /// ln x
  static void log(Block block, Place target, Place left) {
    MemorySegment t = target.segment();
    MemorySegment l = left.segment();
    VectorMask<Float> tail = block.tail();
    int whole = block.whole();
    for (int row = 0; row < block.rows(); row++) {
      long to = target.rowAt(row);
      long xAt = left.rowAt(row);
      for (int i = 0; i < whole; i += Lanes.BYTES) {
        FloatVector x = Lanes.load(l, xAt + i);
        Lanes.store(Functions.log(x), t, to + i);
      }
      if (tail != null) {
        FloatVector x = Lanes.load(l, xAt + whole, tail);
        Lanes.store(Functions.log(x), t, to + whole, tail);
      }
    }
  }

  /// ln(1 + exp(x))
  static void softplus(Block block, Place target, Place left) {
    MemorySegment t = target.segment();
    MemorySegment l = left.segment();
    VectorMask<Float> tail = block.tail();
    int whole = block.whole();
    for (int row = 0; row < block.rows(); row++) {
      long to = target.rowAt(row);
      long xAt = left.rowAt(row);
      for (int i = 0; i < whole; i += Lanes.BYTES) {
        FloatVector x = Lanes.load(l, xAt + i);
        Lanes.store(Functions.softplus(x), t, to + i);
      }
      if (tail != null) {
        FloatVector x = Lanes.load(l, xAt + whole, tail);
        Lanes.store(Functions.softplus(x), t, to + whole, tail);
      }
    }
  }

  /// the square root of x
  static void sqrt(Block block, Place target, Place left) {
    MemorySegment t = target.segment();
    MemorySegment l = left.segment();
    VectorMask<Float> tail = block.tail();
    int whole = block.whole();
    for (int row = 0; row < block.rows(); row++) {
      long to = target.rowAt(row);
      long xAt = left.rowAt(row);
      for (int i = 0; i < whole; i += Lanes.BYTES) {
        FloatVector x = Lanes.load(l, xAt + i);
        Lanes.store(x.sqrt(), t, to + i);
      }
      if (tail != null) {
        FloatVector x = Lanes.load(l, xAt + whole, tail);
        Lanes.store(x.sqrt(), t, to + whole, tail);
      }
    }
  }

  /// x + y
  static void add(Block block, Place target, Place left, Place right) {
    MemorySegment t = target.segment();
    MemorySegment l = left.segment();
    MemorySegment r = right.segment();
    VectorMask<Float> tail = block.tail();
    int whole = block.whole();
    for (int row = 0; row < block.rows(); row++) {
      long to = target.rowAt(row);
      long xAt = left.rowAt(row);
      long yAt = right.rowAt(row);
      for (int i = 0; i < whole; i += Lanes.BYTES) {
        FloatVector x = Lanes.load(l, xAt + i);
        FloatVector y = Lanes.load(r, yAt + i);
        Lanes.store(x.add(y), t, to + i);
      }
      if (tail != null) {
        FloatVector x = Lanes.load(l, xAt + whole, tail);
        FloatVector y = Lanes.load(r, yAt + whole, tail);
        Lanes.store(x.add(y), t, to + whole, tail);
      }
    }
  }

  /// x - y
  static void subtract(Block block, Place target, Place left, Place right) {
    MemorySegment t = target.segment();
    MemorySegment l = left.segment();
    MemorySegment r = right.segment();
    VectorMask<Float> tail = block.tail();
    int whole = block.whole();
    for (int row = 0; row < block.rows(); row++) {
      long to = target.rowAt(row);
      long xAt = left.rowAt(row);
      long yAt = right.rowAt(row);
      for (int i = 0; i < whole; i += Lanes.BYTES) {
        FloatVector x = Lanes.load(l, xAt + i);
        FloatVector y = Lanes.load(r, yAt + i);
        Lanes.store(x.sub(y), t, to + i);
      }
      if (tail != null) {
        FloatVector x = Lanes.load(l, xAt + whole, tail);
        FloatVector y = Lanes.load(r, yAt + whole, tail);
        Lanes.store(x.sub(y), t, to + whole, tail);
      }
    }
  }

  /// x y
  static void multiply(Block block, Place target, Place left, Place right) {
    MemorySegment t = target.segment();
    MemorySegment l = left.segment();
    MemorySegment r = right.segment();
    VectorMask<Float> tail = block.tail();
    int whole = block.whole();
    for (int row = 0; row < block.rows(); row++) {
      long to = target.rowAt(row);
      long xAt = left.rowAt(row);
      long yAt = right.rowAt(row);
      for (int i = 0; i < whole; i += Lanes.BYTES) {
        FloatVector x = Lanes.load(l, xAt + i);
        FloatVector y = Lanes.load(r, yAt + i);
        Lanes.store(x.mul(y), t, to + i);
      }
      if (tail != null) {
        FloatVector x = Lanes.load(l, xAt + whole, tail);
        FloatVector y = Lanes.load(r, yAt + whole, tail);
        Lanes.store(x.mul(y), t, to + whole, tail);
      }
    }
  }

  /// x / y
  static void divide(Block block, Place target, Place left, Place right) {
    MemorySegment t = target.segment();
    MemorySegment l = left.segment();
    MemorySegment r = right.segment();
    VectorMask<Float> tail = block.tail();
    int whole = block.whole();
    for (int row = 0; row < block.rows(); row++) {
      long to = target.rowAt(row);
      long xAt = left.rowAt(row);
      long yAt = right.rowAt(row);
      for (int i = 0; i < whole; i += Lanes.BYTES) {
        FloatVector x = Lanes.load(l, xAt + i);
        FloatVector y = Lanes.load(r, yAt + i);
        Lanes.store(x.div(y), t, to + i);
      }
      if (tail != null) {
        FloatVector x = Lanes.load(l, xAt + whole, tail);
        FloatVector y = Lanes.load(r, yAt + whole, tail);
        Lanes.store(x.div(y), t, to + whole, tail);
      }
    }
  }
}
