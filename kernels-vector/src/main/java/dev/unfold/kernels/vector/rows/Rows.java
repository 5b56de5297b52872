package dev.unfold.kernels.vector.rows;

import static dev.unfold.kernels.vector.lanes.Lanes.BYTES;
import static dev.unfold.kernels.vector.lanes.Lanes.ORDER;
import static dev.unfold.kernels.vector.lanes.Lanes.SPECIES;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.vector.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Sums over rows, and copies of rows by their numbers.
public final class Rows {
  /// Rows that are summed before their sum is added to the total. The error of a sum of many rows then
  /// grows with the number of blocks and the size of one, not with the number of rows.
  private static final int BLOCK = 64;

  private Rows() {}

  public static void sumAdd(Matrix source, Matrix[] targets) {
    int whole = source.cols() / (4 * Lanes.LANES) * (4 * Lanes.LANES);
    try {
      for (int col = 0; col < whole; col += 4 * Lanes.LANES) {
        sumFourSlivers(source, targets, col);
      }
      for (int col = whole; col < source.cols(); col += Lanes.LANES) {
        sumSliver(source, targets, col);
      }
    } finally {
      Reference.reachabilityFence(source);
      Reference.reachabilityFence(targets);
    }
  }

  /// Adds the sums of all rows of four slivers: a few cache lines of each row instead of one.
  private static void sumFourSlivers(Matrix source, Matrix[] targets, int col) {
    MemorySegment memory = Lanes.MEMORY;
    long from = Lanes.addressOf(source, 0) + (long) col * Float.BYTES;
    long rowBytes = (long) source.stride() * Float.BYTES;
    FloatVector total0 = FloatVector.zero(SPECIES);
    FloatVector total1 = total0;
    FloatVector total2 = total0;
    FloatVector total3 = total0;
    for (int block = 0; block < source.rows(); block += BLOCK) {
      int end = Math.min(block + BLOCK, source.rows());
      FloatVector sum0 = FloatVector.zero(SPECIES);
      FloatVector sum1 = sum0;
      FloatVector sum2 = sum0;
      FloatVector sum3 = sum0;
      for (int r = block; r < end; r++) {
        long at = from + r * rowBytes;
        sum0 = sum0.add(FloatVector.fromMemorySegment(SPECIES, memory, at, ORDER));
        sum1 = sum1.add(FloatVector.fromMemorySegment(SPECIES, memory, at + BYTES, ORDER));
        sum2 = sum2.add(FloatVector.fromMemorySegment(SPECIES, memory, at + 2L * BYTES, ORDER));
        sum3 = sum3.add(FloatVector.fromMemorySegment(SPECIES, memory, at + 3L * BYTES, ORDER));
      }
      total0 = total0.add(sum0);
      total1 = total1.add(sum1);
      total2 = total2.add(sum2);
      total3 = total3.add(sum3);
    }
    for (Matrix target : targets) {
      long at = Lanes.addressOf(target, 0) + (long) col * Float.BYTES;
      FloatVector.fromMemorySegment(SPECIES, memory, at, ORDER)
          .add(total0)
          .intoMemorySegment(memory, at, ORDER);
      FloatVector.fromMemorySegment(SPECIES, memory, at + BYTES, ORDER)
          .add(total1)
          .intoMemorySegment(memory, at + BYTES, ORDER);
      FloatVector.fromMemorySegment(SPECIES, memory, at + 2L * BYTES, ORDER)
          .add(total2)
          .intoMemorySegment(memory, at + 2L * BYTES, ORDER);
      FloatVector.fromMemorySegment(SPECIES, memory, at + 3L * BYTES, ORDER)
          .add(total3)
          .intoMemorySegment(memory, at + 3L * BYTES, ORDER);
    }
  }

  /// Adds the sums of all rows of one sliver.
  private static void sumSliver(Matrix source, Matrix[] targets, int col) {
    MemorySegment memory = Lanes.MEMORY;
    VectorMask<Float> mask = Lanes.first(source.cols() - col);
    long from = Lanes.addressOf(source, 0) + (long) col * Float.BYTES;
    long rowBytes = (long) source.stride() * Float.BYTES;
    FloatVector total = FloatVector.zero(SPECIES);
    for (int block = 0; block < source.rows(); block += BLOCK) {
      int end = Math.min(block + BLOCK, source.rows());
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int r = block; r < end; r++) {
        sum =
            sum.add(
                FloatVector.fromMemorySegment(SPECIES, memory, from + r * rowBytes, ORDER, mask));
      }
      total = total.add(sum);
    }
    for (Matrix target : targets) {
      long at = Lanes.addressOf(target, 0) + (long) col * Float.BYTES;
      FloatVector.fromMemorySegment(SPECIES, memory, at, ORDER, mask)
          .add(total)
          .intoMemorySegment(memory, at, ORDER, mask);
    }
  }

  public static void gather(Matrix table, int[] indices, int from, Matrix target) {
    MemorySegment source = table.host().segment();
    MemorySegment to = target.host().segment();
    long bytes = (long) target.cols() * Float.BYTES;
    for (int r = 0; r < target.rows(); r++) {
      long row = Lanes.rowAt(table, indices[from + r]);
      MemorySegment.copy(source, row, to, Lanes.rowAt(target, r), bytes);
    }
  }

  public static void scatterAdd(Matrix source, int[] indices, int from, Matrix table) {
    for (int r = 0; r < source.rows(); r++) {
      add(source, r, table, indices[from + r]);
    }
  }

  private static void add(Matrix source, int row, Matrix table, int tableRow) {
    MemorySegment from = source.host().segment();
    MemorySegment to = table.host().segment();
    long at = Lanes.rowAt(source, row);
    long toAt = Lanes.rowAt(table, tableRow);
    int whole = Lanes.SPECIES.loopBound(source.cols());
    int col = 0;
    for (; col < whole; col += Lanes.LANES) {
      long byteOfCol = (long) col * Float.BYTES;
      FloatVector sum = Lanes.load(to, toAt + byteOfCol).add(Lanes.load(from, at + byteOfCol));
      Lanes.store(sum, to, toAt + byteOfCol);
    }
    if (col < source.cols()) {
      VectorMask<Float> mask = Lanes.first(source.cols() - col);
      long byteOfCol = (long) col * Float.BYTES;
      FloatVector sum =
          Lanes.load(to, toAt + byteOfCol, mask).add(Lanes.load(from, at + byteOfCol, mask));
      Lanes.store(sum, to, toAt + byteOfCol, mask);
    }
  }
}
