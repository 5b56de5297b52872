package dev.unfold.kernels;

import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/// Stands in during one call for matrices whose memory is not the backend's: those in the heap, as a backend may take
/// memory by its address and memory of the heap has none that lasts, and those of another backend or the host.
///
/// What the call's matrices see of a buffer is copied once, so matrices that share memory share it here,
/// too. Results go back, and not what is between them, which may be another thread's.
///
/// **Memory**: the copies, until it is closed.
final class Staging implements AutoCloseable {
  private final Memory memory;
  private final Arena arena = Arena.ofConfined();
  private final List<Stretch> stretches = new ArrayList<>();

  /// The memory that a backend computes on.
  static final class Memory {
    private final Kernels backend;
    private final Class<? extends Buffer> own;

    Memory(Kernels backend) {
      this.backend = backend;
      own = backend.allocate(0).getClass();
    }

    /// Whether `matrix` is in it.
    boolean has(Matrix matrix) {
      return matrix.buffer().getClass() == own && !matrix.isOnHeap();
    }

    private Buffer allocate(long length, Arena arena) {
      return own == HostBuffer.class
          ? HostBuffer.allocate(backend.type(), length, arena)
          : backend.allocate(length);
    }
  }

  /// What is seen of a buffer elsewhere: the numbers `from` to `end` - 1.
  private static final class Stretch {
    final Buffer given;
    long from = Long.MAX_VALUE;
    long end;
    Buffer copy;

    Stretch(Buffer given) {
      this.given = given;
    }
  }

  private Staging(Memory memory) {
    this.memory = memory;
  }

  /// Copies those of `matrices` that are elsewhere; null stands for no matrix.
  static Staging of(Memory memory, Matrix... matrices) {
    Staging staging = new Staging(memory);
    for (Matrix matrix : matrices) {
      if (matrix != null && !memory.has(matrix)) {
        Stretch stretch = staging.stretch(matrix.buffer());
        stretch.from = Math.min(stretch.from, matrix.offset());
        stretch.end = Math.max(stretch.end, matrix.offset() + matrix.extent());
      }
    }
    for (Stretch stretch : staging.stretches) {
      long count = stretch.end - stretch.from;
      stretch.copy = memory.allocate(count, staging.arena);
      stretch.copy.copy(stretch.given, stretch.from, 0, count);
    }
    return staging;
  }

  private Stretch stretch(Buffer given) {
    for (Stretch stretch : stretches) {
      if (stretch.given.equals(given)) {
        return stretch;
      }
    }
    Stretch stretch = new Stretch(given);
    stretches.add(stretch);
    return stretch;
  }

  /// What to compute with in place of `matrix`, one of those that it was made of: itself if it is the backend's.
  Matrix own(Matrix matrix) {
    if (matrix == null || memory.has(matrix)) {
      return matrix;
    }
    Stretch stretch = stretch(matrix.buffer());
    long offset = matrix.offset() - stretch.from;
    return Matrix.of(stretch.copy, offset, matrix.rows(), matrix.cols(), matrix.stride());
  }

  /// The same for each of `matrices`.
  Matrix[] own(Matrix[] matrices) {
    Matrix[] own = new Matrix[matrices.length];
    for (int i = 0; i < matrices.length; i++) {
      own[i] = own(matrices[i]);
    }
    return own;
  }

  /// Brings results back to where `matrix` is.
  void takeBack(Matrix matrix) {
    if (memory.has(matrix)) {
      return;
    }
    matrix.copy(own(matrix));
  }

  @Override
  public void close() {
    arena.close();
  }
}
