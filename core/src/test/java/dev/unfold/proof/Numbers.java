package dev.unfold.proof;

import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;

/// Single numbers in any memory.
public final class Numbers {
  private Numbers() {}

  /// The number at `index`.
  public static double get(Buffer buffer, long index) {
    return one(buffer, index).get(0);
  }

  /// Sets the number at `index`.
  public static void set(Buffer buffer, long index, double value) {
    HostBuffer one = one(buffer, index);
    one.set(0, value);
    buffer.copy(one, 0, index, 1);
  }

  /// The element (row, col).
  public static double get(Matrix matrix, int row, int col) {
    return matrix.buffer() instanceof HostBuffer host
        ? host.get(index(matrix, row, col))
        : get(matrix.buffer(), index(matrix, row, col));
  }

  /// Sets the element (row, col).
  public static void set(Matrix matrix, int row, int col, double value) {
    if (matrix.buffer() instanceof HostBuffer host) {
      host.set(index(matrix, row, col), value);
    } else {
      set(matrix.buffer(), index(matrix, row, col), value);
    }
  }

  private static long index(Matrix matrix, int row, int col) {
    return matrix.offset() + (long) row * matrix.stride() + col;
  }

  private static HostBuffer one(Buffer buffer, long index) {
    HostBuffer one = HostBuffer.onHeap(buffer.type(), 1);
    one.copy(buffer, index, 0, 1);
    return one;
  }
}
