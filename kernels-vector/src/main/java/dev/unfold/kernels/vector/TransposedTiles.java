package dev.unfold.kernels.vector;

import static dev.unfold.kernels.vector.Lanes.BYTES;
import static dev.unfold.kernels.vector.Lanes.LANES;
import static dev.unfold.kernels.vector.Lanes.ORDER;
import static dev.unfold.kernels.vector.Lanes.SPECIES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The tiles of a^T b: `tileHxW` sums H rows by W vectors of the product over one block of rows.
///
/// They differ from [ProductTiles] in the order of a alone: the H numbers for one k follow each other,
/// as they do in a row of a matrix that is used transposed.
final class TransposedTiles {
  /// The most rows that a tile sums at once: what [TransposedProduct] copies of a and b then stays in the
  /// second-level cache.
  static final int DEPTH = 256;

  private TransposedTiles() {}

  /// 24 sums, 3 vectors of b, 1 of a: 28 of 32 registers.
  static void tile8x3(Tiling t, int aFrom, long bFrom) {
    float[] a = t.a;
    MemorySegment b = t.b;
    long sliver = t.sliverBytes;
    int depth = t.depth;
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector c00 = zero;
    FloatVector c01 = zero;
    FloatVector c02 = zero;
    FloatVector c10 = zero;
    FloatVector c11 = zero;
    FloatVector c12 = zero;
    FloatVector c20 = zero;
    FloatVector c21 = zero;
    FloatVector c22 = zero;
    FloatVector c30 = zero;
    FloatVector c31 = zero;
    FloatVector c32 = zero;
    FloatVector c40 = zero;
    FloatVector c41 = zero;
    FloatVector c42 = zero;
    FloatVector c50 = zero;
    FloatVector c51 = zero;
    FloatVector c52 = zero;
    FloatVector c60 = zero;
    FloatVector c61 = zero;
    FloatVector c62 = zero;
    FloatVector c70 = zero;
    FloatVector c71 = zero;
    FloatVector c72 = zero;
    for (int k = 0; k < depth; k++) {
      long at = bFrom + (long) k * BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, b, at, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, b, at + sliver, ORDER);
      FloatVector b2 = FloatVector.fromMemorySegment(SPECIES, b, at + 2 * sliver, ORDER);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aFrom + k * 8]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aFrom + k * 8 + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aFrom + k * 8 + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aFrom + k * 8 + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aFrom + k * 8 + 4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      c42 = a4.fma(b2, c42);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aFrom + k * 8 + 5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      c52 = a5.fma(b2, c52);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[aFrom + k * 8 + 6]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      c62 = a6.fma(b2, c62);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[aFrom + k * 8 + 7]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
      c72 = a7.fma(b2, c72);
    }
    float[] sums = t.sums;
    c00.intoArray(sums, 0);
    c01.intoArray(sums, LANES);
    c02.intoArray(sums, 2 * LANES);
    c10.intoArray(sums, 3 * LANES);
    c11.intoArray(sums, 4 * LANES);
    c12.intoArray(sums, 5 * LANES);
    c20.intoArray(sums, 6 * LANES);
    c21.intoArray(sums, 7 * LANES);
    c22.intoArray(sums, 8 * LANES);
    c30.intoArray(sums, 9 * LANES);
    c31.intoArray(sums, 10 * LANES);
    c32.intoArray(sums, 11 * LANES);
    c40.intoArray(sums, 12 * LANES);
    c41.intoArray(sums, 13 * LANES);
    c42.intoArray(sums, 14 * LANES);
    c50.intoArray(sums, 15 * LANES);
    c51.intoArray(sums, 16 * LANES);
    c52.intoArray(sums, 17 * LANES);
    c60.intoArray(sums, 18 * LANES);
    c61.intoArray(sums, 19 * LANES);
    c62.intoArray(sums, 20 * LANES);
    c70.intoArray(sums, 21 * LANES);
    c71.intoArray(sums, 22 * LANES);
    c72.intoArray(sums, 23 * LANES);
  }

  /// The slivers that are left over.
  static void tile8x1(Tiling t, int aFrom, long bFrom) {
    float[] a = t.a;
    MemorySegment b = t.b;
    int depth = t.depth;
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector c00 = zero;
    FloatVector c10 = zero;
    FloatVector c20 = zero;
    FloatVector c30 = zero;
    FloatVector c40 = zero;
    FloatVector c50 = zero;
    FloatVector c60 = zero;
    FloatVector c70 = zero;
    for (int k = 0; k < depth; k++) {
      long at = bFrom + (long) k * BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, b, at, ORDER);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aFrom + k * 8]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aFrom + k * 8 + 1]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aFrom + k * 8 + 2]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aFrom + k * 8 + 3]);
      c30 = a3.fma(b0, c30);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aFrom + k * 8 + 4]);
      c40 = a4.fma(b0, c40);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aFrom + k * 8 + 5]);
      c50 = a5.fma(b0, c50);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[aFrom + k * 8 + 6]);
      c60 = a6.fma(b0, c60);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[aFrom + k * 8 + 7]);
      c70 = a7.fma(b0, c70);
    }
    float[] sums = t.sums;
    c00.intoArray(sums, 0);
    c10.intoArray(sums, LANES);
    c20.intoArray(sums, 2 * LANES);
    c30.intoArray(sums, 3 * LANES);
    c40.intoArray(sums, 4 * LANES);
    c50.intoArray(sums, 5 * LANES);
    c60.intoArray(sums, 6 * LANES);
    c70.intoArray(sums, 7 * LANES);
  }

  /// Machines with 16 registers: 8 sums, 2 vectors of b, 1 of a.
  static void tile4x2(Tiling t, int aFrom, long bFrom) {
    float[] a = t.a;
    MemorySegment b = t.b;
    long sliver = t.sliverBytes;
    int depth = t.depth;
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector c00 = zero;
    FloatVector c01 = zero;
    FloatVector c10 = zero;
    FloatVector c11 = zero;
    FloatVector c20 = zero;
    FloatVector c21 = zero;
    FloatVector c30 = zero;
    FloatVector c31 = zero;
    for (int k = 0; k < depth; k++) {
      long at = bFrom + (long) k * BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, b, at, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, b, at + sliver, ORDER);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aFrom + k * 4]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aFrom + k * 4 + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aFrom + k * 4 + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aFrom + k * 4 + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
    }
    float[] sums = t.sums;
    c00.intoArray(sums, 0);
    c01.intoArray(sums, LANES);
    c10.intoArray(sums, 2 * LANES);
    c11.intoArray(sums, 3 * LANES);
    c20.intoArray(sums, 4 * LANES);
    c21.intoArray(sums, 5 * LANES);
    c30.intoArray(sums, 6 * LANES);
    c31.intoArray(sums, 7 * LANES);
  }

  /// The slivers that are left over by 4 rows.
  static void tile4x1(Tiling t, int aFrom, long bFrom) {
    float[] a = t.a;
    MemorySegment b = t.b;
    int depth = t.depth;
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector c00 = zero;
    FloatVector c10 = zero;
    FloatVector c20 = zero;
    FloatVector c30 = zero;
    for (int k = 0; k < depth; k++) {
      long at = bFrom + (long) k * BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, b, at, ORDER);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aFrom + k * 4]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aFrom + k * 4 + 1]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aFrom + k * 4 + 2]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aFrom + k * 4 + 3]);
      c30 = a3.fma(b0, c30);
    }
    float[] sums = t.sums;
    c00.intoArray(sums, 0);
    c10.intoArray(sums, LANES);
    c20.intoArray(sums, 2 * LANES);
    c30.intoArray(sums, 3 * LANES);
  }
}
