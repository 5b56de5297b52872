package dev.unfold.kernels.vector.product;

import static dev.unfold.kernels.vector.lanes.Lanes.BYTES;
import static dev.unfold.kernels.vector.lanes.Lanes.ORDER;
import static dev.unfold.kernels.vector.lanes.Lanes.SPECIES;

import dev.unfold.kernels.vector.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The tiles of c + a^T b: `tileHxW` sums H rows by W vectors of the product over one block of rows.
///
/// They differ from [ProductTiles] in the order of a alone: the numbers for one k follow each other, [#STRIP]
/// of them, as they do in a row of a matrix that is used transposed.
public final class TransposedTiles {
  /// The most rows that a tile sums at once: what [TransposedProduct] copies of a and b then stays in the
  /// second-level cache.
  public static final int DEPTH = 256;

  /// Numbers of a for one k: two tiles' heights.
  static final int STRIP = 2 * Tiling.HEIGHT;

  private TransposedTiles() {}

  /// 16 sums, 10 loads to 16 multiply-adds.
  static void tile8x2(Tiling t, int aFrom, long bFrom, long ontoAt, long cAt) {
    float[] a = t.a;
    MemorySegment memory = Lanes.MEMORY;
    long sliver = t.sliverBytes;
    int depth = t.depth;
    long ontoRow = t.ontoRowBytes;
    FloatVector c00 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt, ORDER);
    FloatVector c01 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + BYTES, ORDER);
    FloatVector c10 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + ontoRow, ORDER);
    FloatVector c11 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + ontoRow + BYTES, ORDER);
    FloatVector c20 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 2 * ontoRow, ORDER);
    FloatVector c21 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 2 * ontoRow + BYTES, ORDER);
    FloatVector c30 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 3 * ontoRow, ORDER);
    FloatVector c31 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 3 * ontoRow + BYTES, ORDER);
    FloatVector c40 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 4 * ontoRow, ORDER);
    FloatVector c41 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 4 * ontoRow + BYTES, ORDER);
    FloatVector c50 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 5 * ontoRow, ORDER);
    FloatVector c51 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 5 * ontoRow + BYTES, ORDER);
    FloatVector c60 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 6 * ontoRow, ORDER);
    FloatVector c61 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 6 * ontoRow + BYTES, ORDER);
    FloatVector c70 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 7 * ontoRow, ORDER);
    FloatVector c71 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 7 * ontoRow + BYTES, ORDER);
    for (int k = 0; k < depth; k++) {
      long at = bFrom + (long) k * BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, memory, at, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, memory, at + sliver, ORDER);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 6]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 7]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
    }
    long cRow = t.cRowBytes;
    c00.intoMemorySegment(memory, cAt, ORDER);
    c01.intoMemorySegment(memory, cAt + BYTES, ORDER);
    c10.intoMemorySegment(memory, cAt + cRow, ORDER);
    c11.intoMemorySegment(memory, cAt + cRow + BYTES, ORDER);
    c20.intoMemorySegment(memory, cAt + 2 * cRow, ORDER);
    c21.intoMemorySegment(memory, cAt + 2 * cRow + BYTES, ORDER);
    c30.intoMemorySegment(memory, cAt + 3 * cRow, ORDER);
    c31.intoMemorySegment(memory, cAt + 3 * cRow + BYTES, ORDER);
    c40.intoMemorySegment(memory, cAt + 4 * cRow, ORDER);
    c41.intoMemorySegment(memory, cAt + 4 * cRow + BYTES, ORDER);
    c50.intoMemorySegment(memory, cAt + 5 * cRow, ORDER);
    c51.intoMemorySegment(memory, cAt + 5 * cRow + BYTES, ORDER);
    c60.intoMemorySegment(memory, cAt + 6 * cRow, ORDER);
    c61.intoMemorySegment(memory, cAt + 6 * cRow + BYTES, ORDER);
    c70.intoMemorySegment(memory, cAt + 7 * cRow, ORDER);
    c71.intoMemorySegment(memory, cAt + 7 * cRow + BYTES, ORDER);
  }

  /// The sliver that is left over.
  static void tile8x1(Tiling t, int aFrom, long bFrom, long ontoAt, long cAt) {
    float[] a = t.a;
    MemorySegment memory = Lanes.MEMORY;
    int depth = t.depth;
    long ontoRow = t.ontoRowBytes;
    FloatVector c00 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt, ORDER);
    FloatVector c10 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + ontoRow, ORDER);
    FloatVector c20 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 2 * ontoRow, ORDER);
    FloatVector c30 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 3 * ontoRow, ORDER);
    FloatVector c40 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 4 * ontoRow, ORDER);
    FloatVector c50 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 5 * ontoRow, ORDER);
    FloatVector c60 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 6 * ontoRow, ORDER);
    FloatVector c70 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 7 * ontoRow, ORDER);
    for (int k = 0; k < depth; k++) {
      long at = bFrom + (long) k * BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, memory, at, ORDER);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 1]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 2]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 3]);
      c30 = a3.fma(b0, c30);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 4]);
      c40 = a4.fma(b0, c40);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 5]);
      c50 = a5.fma(b0, c50);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 6]);
      c60 = a6.fma(b0, c60);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 7]);
      c70 = a7.fma(b0, c70);
    }
    long cRow = t.cRowBytes;
    c00.intoMemorySegment(memory, cAt, ORDER);
    c10.intoMemorySegment(memory, cAt + cRow, ORDER);
    c20.intoMemorySegment(memory, cAt + 2 * cRow, ORDER);
    c30.intoMemorySegment(memory, cAt + 3 * cRow, ORDER);
    c40.intoMemorySegment(memory, cAt + 4 * cRow, ORDER);
    c50.intoMemorySegment(memory, cAt + 5 * cRow, ORDER);
    c60.intoMemorySegment(memory, cAt + 6 * cRow, ORDER);
    c70.intoMemorySegment(memory, cAt + 7 * cRow, ORDER);
  }

  /// Machines with 16 registers: 8 sums, 2 vectors of b, 1 of a.
  static void tile4x2(Tiling t, int aFrom, long bFrom, long ontoAt, long cAt) {
    float[] a = t.a;
    MemorySegment memory = Lanes.MEMORY;
    long sliver = t.sliverBytes;
    int depth = t.depth;
    long ontoRow = t.ontoRowBytes;
    FloatVector c00 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt, ORDER);
    FloatVector c01 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + BYTES, ORDER);
    FloatVector c10 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + ontoRow, ORDER);
    FloatVector c11 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + ontoRow + BYTES, ORDER);
    FloatVector c20 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 2 * ontoRow, ORDER);
    FloatVector c21 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 2 * ontoRow + BYTES, ORDER);
    FloatVector c30 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 3 * ontoRow, ORDER);
    FloatVector c31 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 3 * ontoRow + BYTES, ORDER);
    for (int k = 0; k < depth; k++) {
      long at = bFrom + (long) k * BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, memory, at, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, memory, at + sliver, ORDER);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
    }
    long cRow = t.cRowBytes;
    c00.intoMemorySegment(memory, cAt, ORDER);
    c01.intoMemorySegment(memory, cAt + BYTES, ORDER);
    c10.intoMemorySegment(memory, cAt + cRow, ORDER);
    c11.intoMemorySegment(memory, cAt + cRow + BYTES, ORDER);
    c20.intoMemorySegment(memory, cAt + 2 * cRow, ORDER);
    c21.intoMemorySegment(memory, cAt + 2 * cRow + BYTES, ORDER);
    c30.intoMemorySegment(memory, cAt + 3 * cRow, ORDER);
    c31.intoMemorySegment(memory, cAt + 3 * cRow + BYTES, ORDER);
  }

  /// The sliver that is left over on such machines.
  static void tile4x1(Tiling t, int aFrom, long bFrom, long ontoAt, long cAt) {
    float[] a = t.a;
    MemorySegment memory = Lanes.MEMORY;
    int depth = t.depth;
    long ontoRow = t.ontoRowBytes;
    FloatVector c00 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt, ORDER);
    FloatVector c10 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + ontoRow, ORDER);
    FloatVector c20 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 2 * ontoRow, ORDER);
    FloatVector c30 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 3 * ontoRow, ORDER);
    for (int k = 0; k < depth; k++) {
      long at = bFrom + (long) k * BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, memory, at, ORDER);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 1]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 2]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aFrom + k * STRIP + 3]);
      c30 = a3.fma(b0, c30);
    }
    long cRow = t.cRowBytes;
    c00.intoMemorySegment(memory, cAt, ORDER);
    c10.intoMemorySegment(memory, cAt + cRow, ORDER);
    c20.intoMemorySegment(memory, cAt + 2 * cRow, ORDER);
    c30.intoMemorySegment(memory, cAt + 3 * cRow, ORDER);
  }
}
