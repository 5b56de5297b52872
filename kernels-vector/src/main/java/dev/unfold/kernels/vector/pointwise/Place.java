package dev.unfold.kernels.vector.pointwise;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.vector.lanes.Lanes;
import java.lang.foreign.MemorySegment;

/// Where the values of one slot of a pointwise program lie for the block that is being computed: addresses in
/// [Lanes#MEMORY].
public final class Place {
  private long start;
  private long at;
  private long rowBytes;

  /// The address at which row `row` of the block starts.
  long rowAt(int row) {
    return at + row * rowBytes;
  }

  /// Rows of `rowBytes` bytes from byte `at` of `segment` on; 0 bytes show one row many times.
  public void set(MemorySegment segment, long at, long rowBytes) {
    set(segment.address() + at, rowBytes);
  }

  /// The elements of `matrix`.
  public void set(Matrix matrix) {
    set(Lanes.addressOf(matrix, 0), (long) matrix.stride() * Float.BYTES);
  }

  private void set(long start, long rowBytes) {
    this.start = start;
    at = start;
    this.rowBytes = rowBytes;
  }

  /// Starts the block at element (`row`, `col`).
  void moveTo(int row, int col) {
    at = start + row * rowBytes + (long) col * Float.BYTES;
  }

  /// The rows of a temporary are as far apart as those of the block, not of any matrix.
  void setRowBytes(long rowBytes) {
    this.rowBytes = rowBytes;
  }
}
