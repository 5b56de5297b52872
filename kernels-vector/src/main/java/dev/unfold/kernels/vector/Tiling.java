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
    long at = Lanes.rowAt(c, row) + (long) sliver * Lanes.BYTES;
    int height = Math.min(rows, shape.height);
    int whole = Math.min(shape.width, c.cols() / Lanes.LANES - sliver);
    addWhole(at, height, shape.width, whole);
    if (whole < shape.width && (sliver + whole) * Lanes.LANES < c.cols()) {
      addLast(at + (long) whole * Lanes.BYTES, height, shape.width, whole);
    }
  }

  /// Adds the first `whole` of each `width` vectors to `height` rows of c from byte `from` on.
  private void addWhole(long from, int height, int width, int whole) {
    MemorySegment target = c.buffer().segment();
    long rowBytes = (long) c.stride() * Float.BYTES;
    for (int r = 0; r < height; r++) {
      long at = from + r * rowBytes;
      int sum = r * width * Lanes.LANES;
      for (int w = 0; w < whole; w++) {
        FloatVector vector = FloatVector.fromArray(Lanes.SPECIES, sums, sum + w * Lanes.LANES);
        Lanes.store(Lanes.load(target, at).add(vector), target, at);
        at += Lanes.BYTES;
      }
    }
  }

  /// Adds the lanes of the sliver that is not full: vector `w` of each `width`.
  private void addLast(long from, int height, int width, int w) {
    MemorySegment target = c.buffer().segment();
    VectorMask<Float> mask = Lanes.first(c.cols() % Lanes.LANES);
    for (int r = 0; r < height; r++) {
      long at = from + (long) r * c.stride() * Float.BYTES;
      FloatVector vector =
          FloatVector.fromArray(Lanes.SPECIES, sums, (r * width + w) * Lanes.LANES);
      Lanes.store(Lanes.load(target, at, mask).add(vector), target, at, mask);
    }
  }
}
