package dev.unfold.kernels.vector;

import dev.unfold.kernels.Matrix;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Sums over rows, and copies of rows by their numbers.
final class Rows {
  /// Rows that are summed before their sum is added to the total. The error of a sum of many rows then
  /// grows with the number of blocks and the size of one, not with the number of rows.
  private static final int BLOCK = 64;

  private Rows() {}

  static void sumAdd(Matrix source, Matrix target) {
    for (int col = 0; col < source.cols(); col += Lanes.LANES) {
      sumSliver(source, target, col);
    }
  }

  /// Adds the sums of all rows of one sliver.
  private static void sumSliver(Matrix source, Matrix target, int col) {
    MemorySegment from = source.buffer().segment();
    MemorySegment to = target.buffer().segment();
    VectorMask<Float> mask = Lanes.first(source.cols() - col);
    long column = (long) col * Float.BYTES;
    FloatVector total = Lanes.fill(0f);
    for (int block = 0; block < source.rows(); block += BLOCK) {
      int end = Math.min(block + BLOCK, source.rows());
      FloatVector sum = Lanes.fill(0f);
      for (int r = block; r < end; r++) {
        sum = sum.add(Lanes.load(from, Lanes.rowAt(source, r) + column, mask));
      }
      total = total.add(sum);
    }
    long at = Lanes.rowAt(target, 0) + column;
    Lanes.store(Lanes.load(to, at, mask).add(total), to, at, mask);
  }

  static void gather(Matrix table, int[] indices, int from, Matrix target) {
    MemorySegment source = table.buffer().segment();
    MemorySegment to = target.buffer().segment();
    long bytes = (long) target.cols() * Float.BYTES;
    for (int r = 0; r < target.rows(); r++) {
      long row = Lanes.rowAt(table, indices[from + r]);
      MemorySegment.copy(source, row, to, Lanes.rowAt(target, r), bytes);
    }
  }

  static void scatterAdd(Matrix source, int[] indices, int from, Matrix table) {
    for (int r = 0; r < source.rows(); r++) {
      add(source, r, table, indices[from + r]);
    }
  }

  private static void add(Matrix source, int row, Matrix table, int tableRow) {
    MemorySegment from = source.buffer().segment();
    MemorySegment to = table.buffer().segment();
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
