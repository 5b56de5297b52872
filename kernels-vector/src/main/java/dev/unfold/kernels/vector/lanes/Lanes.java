package dev.unfold.kernels.vector.lanes;

import dev.unfold.kernels.storage.Matrix;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// The vectors of this machine: one species for all kernels, chosen when the class is initialised.
///
/// The fields are `static final`, so that the compiler sees constants where a kernel names them.
public final class Lanes {
  /// The widest vectors that the machine prefers.
  public static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  /// Integers of a vector as wide: two numbers of 16 bits each.
  public static final VectorSpecies<Integer> PAIRS = SPECIES.withLanes(int.class);

  /// Floats of one vector.
  public static final int LANES = SPECIES.length();

  /// Bytes of one vector.
  public static final int BYTES = SPECIES.vectorByteSize();

  /// The byte order of the machine, which is the one of every buffer.
  public static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /// All memory, by address. Loops over a segment of its own for each matrix check its bounds at every vector, unless
  /// the compiler has the luck to move these checks out; whoever computes addresses answers for them, once for each
  /// matrix. The matrix has to stay reachable meanwhile.
  @SuppressWarnings("restricted") // it is what makes it all memory
  public static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private Lanes() {}

  /// The first `count` lanes, all of them if there are fewer.
  public static VectorMask<Float> first(int count) {
    return SPECIES.indexInRange(0, count);
  }

  /// Where row `row` of `matrix` starts in its segment, in bytes.
  public static long rowAt(Matrix matrix, int row) {
    return (matrix.offset() + (long) row * matrix.stride()) * Float.BYTES;
  }

  /// Where row `row` of `matrix` starts in [#MEMORY].
  public static long addressOf(Matrix matrix, int row) {
    return matrix.host().address() + rowAt(matrix, row);
  }

  /// The vector at byte `at`.
  public static FloatVector load(MemorySegment segment, long at) {
    return FloatVector.fromMemorySegment(SPECIES, segment, at, ORDER);
  }

  /// The lanes of `mask` at byte `at`, 0 in the others.
  public static FloatVector load(MemorySegment segment, long at, VectorMask<Float> mask) {
    return FloatVector.fromMemorySegment(SPECIES, segment, at, ORDER, mask);
  }

  /// Stores `vector` at byte `at`.
  public static void store(FloatVector vector, MemorySegment segment, long at) {
    vector.intoMemorySegment(segment, at, ORDER);
  }

  /// Stores the lanes of `mask` at byte `at`.
  public static void store(
      FloatVector vector, MemorySegment segment, long at, VectorMask<Float> mask) {
    vector.intoMemorySegment(segment, at, ORDER, mask);
  }

  /// `value` in all lanes.
  public static FloatVector fill(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }
}
