package dev.unfold.kernels.vector;

import dev.unfold.kernels.Buffer;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.PackedMatrix;
import dev.unfold.kernels.Precision;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// A matrix `[K, N]` cut into slivers: columns of one vector's width, each stored whole, row after row.
///
/// A tile of any width reads that many slivers side by side, each from front to back and in whole cache
/// lines, so one layout serves every tile. The lanes past N in the last sliver are zero.
///
/// **Memory**: ceil(N / lanes) slivers of K vectors and one cache line more. Without that line the
/// slivers of a K that is a power of two would all start in the same set of the first-level cache.
///
/// A window onto some of the columns starts at a sliver of the whole.
///
/// **Threads**: filled by one thread, then read by any number.
final class Slivers implements PackedMatrix {
  private final int rows;
  private final int cols;
  private final long bytes;
  private final MemorySegment segment;
  private final long at;

  private Slivers(int rows, int cols, MemorySegment segment, long at) {
    this.rows = rows;
    this.cols = cols;
    this.bytes = sliverBytes(rows);
    this.segment = segment;
    this.at = at;
  }

  static Slivers allocate(int rows, int cols) {
    long bytes = count(cols) * sliverBytes(rows);
    return new Slivers(
        rows, cols, Buffer.allocate(Precision.FLOAT, bytes / Float.BYTES).segment(), 0);
  }

  private static long sliverBytes(int rows) {
    return (long) rows * Lanes.BYTES + Buffer.ALIGNMENT;
  }

  private static int count(int cols) {
    return (cols + Lanes.LANES - 1) / Lanes.LANES;
  }

  @Override
  public Slivers columns(int from, int count) {
    PackedMatrix.expectColumns(this, from, count, Lanes.LANES);
    return new Slivers(rows, count, segment, at + from / Lanes.LANES * bytes);
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int cols() {
    return cols;
  }

  /// Bytes from the start of a sliver to the start of the next.
  long bytes() {
    return bytes;
  }

  MemorySegment segment() {
    return segment;
  }

  /// Where the first sliver starts, in bytes.
  long at() {
    return at;
  }

  /// Fills the slivers from `source` `[K, N]`.
  void pack(Matrix source) {
    MemorySegment from = source.buffer().segment();
    for (int s = 0; s < count(cols); s++) {
      VectorMask<Float> mask = Lanes.first(cols - s * Lanes.LANES);
      long to = at + s * bytes;
      long column = (long) s * Lanes.BYTES;
      if (mask.allTrue()) {
        for (int k = 0; k < rows; k++) {
          FloatVector row = Lanes.load(from, Lanes.rowAt(source, k) + column);
          Lanes.store(row, segment, to + (long) k * Lanes.BYTES);
        }
      } else {
        for (int k = 0; k < rows; k++) {
          FloatVector row = Lanes.load(from, Lanes.rowAt(source, k) + column, mask);
          Lanes.store(row, segment, to + (long) k * Lanes.BYTES);
        }
      }
    }
  }

  /// Fills the slivers from the transpose of `source` `[N, K]`.
  void packTransposed(Matrix source) {
    MemorySegment from = source.buffer().segment();
    for (int n = 0; n < cols; n++) {
      long row = Lanes.rowAt(source, n);
      long to = at + n / Lanes.LANES * bytes + (long) (n % Lanes.LANES) * Float.BYTES;
      for (int k = 0; k < rows; k++) {
        float value = from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, row + (long) k * Float.BYTES);
        segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, to + (long) k * Lanes.BYTES, value);
      }
    }
  }
}
