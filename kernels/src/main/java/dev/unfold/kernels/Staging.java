package dev.unfold.kernels;

import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.Matrix;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/// Stands in for matrices in the heap during one call: a backend may take memory by its address, and memory of the heap
/// has none that lasts.
///
/// What the call's matrices see of a buffer is copied once, so matrices that share memory in the heap share it here,
/// too. Results go back element by element: what is between them may be another thread's.
///
/// **Memory**: the copies, until it is closed.
final class Staging implements AutoCloseable {
  private final Arena arena = Arena.ofConfined();
  private final List<Stretch> stretches = new ArrayList<>();

  /// What is seen of a buffer in the heap: the numbers `from` to `end` - 1.
  private static final class Stretch {
    final Buffer heap;
    long from = Long.MAX_VALUE;
    long end;
    Buffer copy;

    Stretch(Buffer heap) {
      this.heap = heap;
    }
  }

  private Staging() {}

  /// Copies those of `matrices` that are in the heap; null stands for no matrix.
  static Staging of(Matrix... matrices) {
    Staging staging = new Staging();
    for (Matrix matrix : matrices) {
      if (matrix != null && matrix.isOnHeap()) {
        Stretch stretch = staging.stretch(matrix.buffer());
        stretch.from = Math.min(stretch.from, matrix.offset());
        stretch.end = Math.max(stretch.end, matrix.offset() + matrix.extent());
      }
    }
    for (Stretch stretch : staging.stretches) {
      long count = stretch.end - stretch.from;
      stretch.copy = Buffer.allocate(stretch.heap.precision(), count, staging.arena);
      stretch.copy.copy(stretch.heap, stretch.from, 0, count);
    }
    return staging;
  }

  private Stretch stretch(Buffer heap) {
    for (Stretch stretch : stretches) {
      if (stretch.heap == heap) {
        return stretch;
      }
    }
    Stretch stretch = new Stretch(heap);
    stretches.add(stretch);
    return stretch;
  }

  /// What to compute with in place of `matrix`, one of those that it was made of: itself if it is not in the heap.
  Matrix outside(Matrix matrix) {
    if (matrix == null || !matrix.isOnHeap()) {
      return matrix;
    }
    Stretch stretch = stretch(matrix.buffer());
    long offset = matrix.offset() - stretch.from;
    return Matrix.of(stretch.copy, offset, matrix.rows(), matrix.cols(), matrix.stride());
  }

  /// The same for each of `matrices`.
  Matrix[] outside(Matrix[] matrices) {
    Matrix[] outside = new Matrix[matrices.length];
    for (int i = 0; i < matrices.length; i++) {
      outside[i] = outside(matrices[i]);
    }
    return outside;
  }

  /// Brings results back to where `matrix` is.
  void takeBack(Matrix matrix) {
    if (!matrix.isOnHeap()) {
      return;
    }
    Stretch stretch = stretch(matrix.buffer());
    for (int r = 0; r < matrix.rows(); r++) {
      long at = matrix.offset() + (long) r * matrix.stride();
      matrix.buffer().copy(stretch.copy, at - stretch.from, at, matrix.cols());
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
