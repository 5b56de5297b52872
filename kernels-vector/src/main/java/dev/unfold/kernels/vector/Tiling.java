package dev.unfold.kernels.vector;

import dev.unfold.kernels.Buffer;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Precision;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// A product in progress: what its tiles share, and how their sums get into c.
///
/// A tile that reaches over the edge of c is computed in full, and only what lies within c is stored. So
/// no tile needs masks, and an element at the edge goes through the same instructions as any other.
///
/// **Threads**: each has its own.
abstract class Tiling {
  /// The height of most tiles. Machines with vectors under 512 bits may have 16 registers only, where a
  /// tile of eight rows would spill.
  static final int HEIGHT = Lanes.LANES >= 16 ? 8 : 4;

  /// The block of the left-hand side, in the order that the tiles want.
  final float[] a;

  /// What the last tile has summed, row by row.
  final float[] sums = new float[Shape.LARGEST * Lanes.LANES];

  /// The right-hand side, in slivers.
  MemorySegment b;

  /// Bytes from a sliver of b to the next.
  long sliverBytes;

  /// How many k to sum.
  int depth;

  /// Where the sums go.
  Matrix c;

  Tiling(int size) {
    a = new float[size];
  }

  /// The shapes of the tiles: rows x vectors.
  enum Shape {
    EIGHT_BY_THREE(8, 3),
    EIGHT_BY_ONE(8, 1),
    FOUR_BY_FOUR(4, 4),
    FOUR_BY_TWO(4, 2),
    FOUR_BY_ONE(4, 1),
    ONE_BY_EIGHT(1, 8),
    ONE_BY_ONE(1, 1);

    /// The most vectors in one tile.
    private static final int LARGEST = 24;

    final int height;
    final int width;

    Shape(int height, int width) {
      this.height = height;
      this.width = width;
    }
  }

  static MemorySegment allocate(long bytes) {
    return Buffer.allocate(Precision.FLOAT, bytes / Float.BYTES).segment();
  }

  /// Slivers of c, the last of them perhaps not full.
  final int slivers() {
    return (c.cols() + Lanes.LANES - 1) / Lanes.LANES;
  }

  /// Adds the sums of a tile of `shape` at (`row`, `sliver`) of c, where `rows` rows are left.
  final void addSums(Shape shape, int row, int rows, int sliver) {
    MemorySegment target = c.buffer().segment();
    for (int w = 0; w < shape.width && sliver + w < slivers(); w++) {
      int cols = c.cols() - (sliver + w) * Lanes.LANES;
      VectorMask<Float> mask = cols < Lanes.LANES ? Lanes.first(cols) : null;
      long column = (long) (sliver + w) * Lanes.BYTES;
      for (int r = 0; r < shape.height && r < rows; r++) {
        long at = Lanes.rowAt(c, row + r) + column;
        FloatVector sum =
            FloatVector.fromArray(Lanes.SPECIES, sums, (r * shape.width + w) * Lanes.LANES);
        if (mask == null) {
          Lanes.store(Lanes.load(target, at).add(sum), target, at);
        } else {
          Lanes.store(Lanes.load(target, at, mask).add(sum), target, at, mask);
        }
      }
    }
  }
}
