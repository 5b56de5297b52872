package dev.unfold.kernels.vector;

import static dev.unfold.kernels.vector.Lanes.ORDER;
import static dev.unfold.kernels.vector.Lanes.SPECIES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// The operations of a pointwise program over a [Block] of elements: a loop for each.
///
/// Anatomy: for each row, whole vectors, then the rest through a mask with the same formula. With x from
/// `left` and y from `right`, `target` becomes what the first line of each says. One loop for all, with
/// the operation as a parameter, would have the compiler keep the constants of all functions at hand. The
/// Vector API is called directly: after a function as large as log, the compiler inlines no more methods
/// of ours, and every vector would become an object.
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
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + i, ORDER);
        FloatVector result = x;
        result.intoMemorySegment(t, to + i, ORDER);
      }
      if (tail != null) {
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + whole, ORDER, tail);
        FloatVector result = x;
        result.intoMemorySegment(t, to + whole, ORDER, tail);
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
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + i, ORDER);
        FloatVector result = x.neg();
        result.intoMemorySegment(t, to + i, ORDER);
      }
      if (tail != null) {
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + whole, ORDER, tail);
        FloatVector result = x.neg();
        result.intoMemorySegment(t, to + whole, ORDER, tail);
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
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + i, ORDER);
        FloatVector result = Lanes.fill(1f).sub(x);
        result.intoMemorySegment(t, to + i, ORDER);
      }
      if (tail != null) {
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + whole, ORDER, tail);
        FloatVector result = Lanes.fill(1f).sub(x);
        result.intoMemorySegment(t, to + whole, ORDER, tail);
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
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + i, ORDER);
        FloatVector result = Functions.sigmoid(x);
        result.intoMemorySegment(t, to + i, ORDER);
      }
      if (tail != null) {
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + whole, ORDER, tail);
        FloatVector result = Functions.sigmoid(x);
        result.intoMemorySegment(t, to + whole, ORDER, tail);
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
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + i, ORDER);
        FloatVector result = Functions.tanh(x);
        result.intoMemorySegment(t, to + i, ORDER);
      }
      if (tail != null) {
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + whole, ORDER, tail);
        FloatVector result = Functions.tanh(x);
        result.intoMemorySegment(t, to + whole, ORDER, tail);
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
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + i, ORDER);
        FloatVector result = Functions.relu(x);
        result.intoMemorySegment(t, to + i, ORDER);
      }
      if (tail != null) {
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + whole, ORDER, tail);
        FloatVector result = Functions.relu(x);
        result.intoMemorySegment(t, to + whole, ORDER, tail);
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
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + i, ORDER);
        FloatVector result = Functions.step(x);
        result.intoMemorySegment(t, to + i, ORDER);
      }
      if (tail != null) {
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + whole, ORDER, tail);
        FloatVector result = Functions.step(x);
        result.intoMemorySegment(t, to + whole, ORDER, tail);
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
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + i, ORDER);
        FloatVector result = Functions.exp(x);
        result.intoMemorySegment(t, to + i, ORDER);
      }
      if (tail != null) {
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + whole, ORDER, tail);
        FloatVector result = Functions.exp(x);
        result.intoMemorySegment(t, to + whole, ORDER, tail);
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
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + i, ORDER);
        FloatVector result = Functions.log(x);
        result.intoMemorySegment(t, to + i, ORDER);
      }
      if (tail != null) {
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + whole, ORDER, tail);
        FloatVector result = Functions.log(x);
        result.intoMemorySegment(t, to + whole, ORDER, tail);
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
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + i, ORDER);
        FloatVector result = Functions.softplus(x);
        result.intoMemorySegment(t, to + i, ORDER);
      }
      if (tail != null) {
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + whole, ORDER, tail);
        FloatVector result = Functions.softplus(x);
        result.intoMemorySegment(t, to + whole, ORDER, tail);
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
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + i, ORDER);
        FloatVector result = x.sqrt();
        result.intoMemorySegment(t, to + i, ORDER);
      }
      if (tail != null) {
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + whole, ORDER, tail);
        FloatVector result = x.sqrt();
        result.intoMemorySegment(t, to + whole, ORDER, tail);
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
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + i, ORDER);
        FloatVector y = FloatVector.fromMemorySegment(SPECIES, r, yAt + i, ORDER);
        FloatVector result = x.add(y);
        result.intoMemorySegment(t, to + i, ORDER);
      }
      if (tail != null) {
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + whole, ORDER, tail);
        FloatVector y = FloatVector.fromMemorySegment(SPECIES, r, yAt + whole, ORDER, tail);
        FloatVector result = x.add(y);
        result.intoMemorySegment(t, to + whole, ORDER, tail);
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
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + i, ORDER);
        FloatVector y = FloatVector.fromMemorySegment(SPECIES, r, yAt + i, ORDER);
        FloatVector result = x.sub(y);
        result.intoMemorySegment(t, to + i, ORDER);
      }
      if (tail != null) {
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + whole, ORDER, tail);
        FloatVector y = FloatVector.fromMemorySegment(SPECIES, r, yAt + whole, ORDER, tail);
        FloatVector result = x.sub(y);
        result.intoMemorySegment(t, to + whole, ORDER, tail);
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
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + i, ORDER);
        FloatVector y = FloatVector.fromMemorySegment(SPECIES, r, yAt + i, ORDER);
        FloatVector result = x.mul(y);
        result.intoMemorySegment(t, to + i, ORDER);
      }
      if (tail != null) {
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + whole, ORDER, tail);
        FloatVector y = FloatVector.fromMemorySegment(SPECIES, r, yAt + whole, ORDER, tail);
        FloatVector result = x.mul(y);
        result.intoMemorySegment(t, to + whole, ORDER, tail);
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
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + i, ORDER);
        FloatVector y = FloatVector.fromMemorySegment(SPECIES, r, yAt + i, ORDER);
        FloatVector result = x.div(y);
        result.intoMemorySegment(t, to + i, ORDER);
      }
      if (tail != null) {
        FloatVector x = FloatVector.fromMemorySegment(SPECIES, l, xAt + whole, ORDER, tail);
        FloatVector y = FloatVector.fromMemorySegment(SPECIES, r, yAt + whole, ORDER, tail);
        FloatVector result = x.div(y);
        result.intoMemorySegment(t, to + whole, ORDER, tail);
      }
    }
  }
}
