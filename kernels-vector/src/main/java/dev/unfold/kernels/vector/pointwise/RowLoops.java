package dev.unfold.kernels.vector.pointwise;

import static dev.unfold.kernels.vector.lanes.Lanes.ORDER;
import static dev.unfold.kernels.vector.lanes.Lanes.SPECIES;

import dev.unfold.kernels.vector.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/// The operations of a pointwise program that lead from rows to one number a row, or to one row.
///
/// The order of a row's additions is fixed by its length: two vectors of sums by turns, the rest of the
/// row, then the lanes, whose halves are added until one is left. The Vector API's own sum of lanes leaves the
/// order open.
final class RowLoops {
  private static final VectorShuffle<Float>[] HALVES = halves();

  private RowLoops() {}

  /// Shuffles that bring the lanes of the second half of the first `LANES`, `LANES / 2`, ... lanes to the
  /// first half.
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static VectorShuffle<Float>[] halves() {
    int count = Integer.numberOfTrailingZeros(Lanes.LANES);
    VectorShuffle<Float>[] shuffles = new VectorShuffle[count];
    for (int i = 0; i < count; i++) {
      int distance = Lanes.LANES >> (i + 1);
      shuffles[i] = VectorShuffle.fromOp(SPECIES, lane -> (lane + distance) % Lanes.LANES);
    }
    return shuffles;
  }

  /// Zeros in the row of a sum over rows.
  static void clear(Place target, int cols) {
    long at = target.rowAt(0);
    for (int i = 0; i < cols; i++) {
      Lanes.MEMORY.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at + (long) i * Float.BYTES, 0);
    }
  }

  /// Adds each row of x to the row `target`, in rising order.
  static void addRows(Block block, Place target, Place left) {
    MemorySegment memory = Lanes.MEMORY;
    long to = target.rowAt(0);
    int whole = block.whole();
    for (int i = 0; i < whole; i += Lanes.BYTES) {
      FloatVector sum = FloatVector.fromMemorySegment(SPECIES, memory, to + i, ORDER);
      for (int row = 0; row < block.rows(); row++) {
        sum = sum.add(FloatVector.fromMemorySegment(SPECIES, memory, left.rowAt(row) + i, ORDER));
      }
      sum.intoMemorySegment(memory, to + i, ORDER);
    }
    if (block.tail() != null) {
      addTails(block, to + whole, left);
    }
  }

  /// The same for the rest of each row; a mask in the loop over whole vectors would make that slower.
  private static void addTails(Block block, long to, Place left) {
    MemorySegment memory = Lanes.MEMORY;
    VectorMask<Float> tail = block.tail();
    FloatVector sum = FloatVector.fromMemorySegment(SPECIES, memory, to, ORDER, tail);
    for (int row = 0; row < block.rows(); row++) {
      long at = left.rowAt(row) + block.whole();
      sum = sum.add(FloatVector.fromMemorySegment(SPECIES, memory, at, ORDER, tail));
    }
    sum.intoMemorySegment(memory, to, ORDER, tail);
  }

  /// The sum of each row of x; `target` has one number a row.
  static void sum(Block block, Place target, Place left) {
    MemorySegment memory = Lanes.MEMORY;
    VectorMask<Float> tail = block.tail();
    int whole = block.whole();
    for (int row = 0; row < block.rows(); row++) {
      long xAt = left.rowAt(row);
      FloatVector even = Lanes.fill(0f);
      FloatVector odd = Lanes.fill(0f);
      int i = 0;
      for (; i < whole - Lanes.BYTES; i += 2 * Lanes.BYTES) {
        even = even.add(FloatVector.fromMemorySegment(SPECIES, memory, xAt + i, ORDER));
        odd = odd.add(FloatVector.fromMemorySegment(SPECIES, memory, xAt + i + Lanes.BYTES, ORDER));
      }
      if (i < whole) {
        even = even.add(FloatVector.fromMemorySegment(SPECIES, memory, xAt + i, ORDER));
      }
      FloatVector sums = even.add(odd);
      if (tail != null) {
        sums = sums.add(FloatVector.fromMemorySegment(SPECIES, memory, xAt + whole, ORDER, tail));
      }
      for (VectorShuffle<Float> half : HALVES) {
        sums = sums.add(sums.rearrange(half));
      }
      memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, target.rowAt(row), sums.lane(0));
    }
  }
}
