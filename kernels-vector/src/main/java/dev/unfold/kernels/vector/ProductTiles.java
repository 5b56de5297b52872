package dev.unfold.kernels.vector;

import static dev.unfold.kernels.vector.Lanes.BYTES;
import static dev.unfold.kernels.vector.Lanes.LANES;
import static dev.unfold.kernels.vector.Lanes.ORDER;
import static dev.unfold.kernels.vector.Lanes.SPECIES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The tiles of a b: `tileHxW` sums H rows by W vectors of the product over one block of k.
///
/// Anatomy: for each k, W vectors of b are loaded and H numbers of a broadcast, H x W multiply-adds done;
/// the sums are left in [Tiling#sums]. So a sum is a chain of fused multiply-adds over rising k, the same
/// in every tile.
///
/// The rows of a are [#ROW] floats apart in an array, a constant: the addresses of all rows are then one
/// register and a displacement each. Row 0 of a starts at `aFrom`, the first sliver of b at byte `bFrom`.
///
/// The Vector API is called directly, not through methods of our own, and the tile of c is not touched:
/// with more calls in one method the compilers would give up, and every vector would become an object.
final class ProductTiles {
  /// The most k that a tile sums at once. Adding the sums to c costs about as much as 20 steps over k, so
  /// that short blocks do not pay; with this one, eight rows of a fill a third of the first-level cache.
  static final int DEPTH = 512;

  /// Floats from a row of a to the next: a cache line more than the depth, or else all rows would fall
  /// into the same sets of the first-level cache.
  static final int ROW = DEPTH + 16;

  private ProductTiles() {}

  /// 24 sums, 3 vectors of b, 1 of a: 28 of 32 registers; 11 loads to 24 multiply-adds.
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
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aFrom + k]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aFrom + k + ROW]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aFrom + k + 2 * ROW]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aFrom + k + 3 * ROW]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aFrom + k + 4 * ROW]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      c42 = a4.fma(b2, c42);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aFrom + k + 5 * ROW]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      c52 = a5.fma(b2, c52);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[aFrom + k + 6 * ROW]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      c62 = a6.fma(b2, c62);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[aFrom + k + 7 * ROW]);
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

  /// The slivers that are left over: 8 sums, which just covers the latency of a multiply-add.
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
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aFrom + k]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aFrom + k + ROW]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aFrom + k + 2 * ROW]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aFrom + k + 3 * ROW]);
      c30 = a3.fma(b0, c30);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aFrom + k + 4 * ROW]);
      c40 = a4.fma(b0, c40);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aFrom + k + 5 * ROW]);
      c50 = a5.fma(b0, c50);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[aFrom + k + 6 * ROW]);
      c60 = a6.fma(b0, c60);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[aFrom + k + 7 * ROW]);
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

  /// Few rows: 16 sums, 4 vectors of b, 1 of a.
  static void tile4x4(Tiling t, int aFrom, long bFrom) {
    float[] a = t.a;
    MemorySegment b = t.b;
    long sliver = t.sliverBytes;
    int depth = t.depth;
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector c00 = zero;
    FloatVector c01 = zero;
    FloatVector c02 = zero;
    FloatVector c03 = zero;
    FloatVector c10 = zero;
    FloatVector c11 = zero;
    FloatVector c12 = zero;
    FloatVector c13 = zero;
    FloatVector c20 = zero;
    FloatVector c21 = zero;
    FloatVector c22 = zero;
    FloatVector c23 = zero;
    FloatVector c30 = zero;
    FloatVector c31 = zero;
    FloatVector c32 = zero;
    FloatVector c33 = zero;
    for (int k = 0; k < depth; k++) {
      long at = bFrom + (long) k * BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, b, at, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, b, at + sliver, ORDER);
      FloatVector b2 = FloatVector.fromMemorySegment(SPECIES, b, at + 2 * sliver, ORDER);
      FloatVector b3 = FloatVector.fromMemorySegment(SPECIES, b, at + 3 * sliver, ORDER);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aFrom + k]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aFrom + k + ROW]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      c13 = a1.fma(b3, c13);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aFrom + k + 2 * ROW]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      c23 = a2.fma(b3, c23);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aFrom + k + 3 * ROW]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      c33 = a3.fma(b3, c33);
    }
    float[] sums = t.sums;
    c00.intoArray(sums, 0);
    c01.intoArray(sums, LANES);
    c02.intoArray(sums, 2 * LANES);
    c03.intoArray(sums, 3 * LANES);
    c10.intoArray(sums, 4 * LANES);
    c11.intoArray(sums, 5 * LANES);
    c12.intoArray(sums, 6 * LANES);
    c13.intoArray(sums, 7 * LANES);
    c20.intoArray(sums, 8 * LANES);
    c21.intoArray(sums, 9 * LANES);
    c22.intoArray(sums, 10 * LANES);
    c23.intoArray(sums, 11 * LANES);
    c30.intoArray(sums, 12 * LANES);
    c31.intoArray(sums, 13 * LANES);
    c32.intoArray(sums, 14 * LANES);
    c33.intoArray(sums, 15 * LANES);
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
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aFrom + k]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aFrom + k + ROW]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aFrom + k + 2 * ROW]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aFrom + k + 3 * ROW]);
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
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aFrom + k]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aFrom + k + ROW]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aFrom + k + 2 * ROW]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aFrom + k + 3 * ROW]);
      c30 = a3.fma(b0, c30);
    }
    float[] sums = t.sums;
    c00.intoArray(sums, 0);
    c10.intoArray(sums, LANES);
    c20.intoArray(sums, 2 * LANES);
    c30.intoArray(sums, 3 * LANES);
  }

  /// A single row: it needs sums over many slivers to cover the latency of a multiply-add.
  static void tile1x8(Tiling t, int aFrom, long bFrom) {
    float[] a = t.a;
    MemorySegment b = t.b;
    long sliver = t.sliverBytes;
    int depth = t.depth;
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector c00 = zero;
    FloatVector c01 = zero;
    FloatVector c02 = zero;
    FloatVector c03 = zero;
    FloatVector c04 = zero;
    FloatVector c05 = zero;
    FloatVector c06 = zero;
    FloatVector c07 = zero;
    for (int k = 0; k < depth; k++) {
      long at = bFrom + (long) k * BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, b, at, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, b, at + sliver, ORDER);
      FloatVector b2 = FloatVector.fromMemorySegment(SPECIES, b, at + 2 * sliver, ORDER);
      FloatVector b3 = FloatVector.fromMemorySegment(SPECIES, b, at + 3 * sliver, ORDER);
      FloatVector b4 = FloatVector.fromMemorySegment(SPECIES, b, at + 4 * sliver, ORDER);
      FloatVector b5 = FloatVector.fromMemorySegment(SPECIES, b, at + 5 * sliver, ORDER);
      FloatVector b6 = FloatVector.fromMemorySegment(SPECIES, b, at + 6 * sliver, ORDER);
      FloatVector b7 = FloatVector.fromMemorySegment(SPECIES, b, at + 7 * sliver, ORDER);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aFrom + k]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
      c04 = a0.fma(b4, c04);
      c05 = a0.fma(b5, c05);
      c06 = a0.fma(b6, c06);
      c07 = a0.fma(b7, c07);
    }
    float[] sums = t.sums;
    c00.intoArray(sums, 0);
    c01.intoArray(sums, LANES);
    c02.intoArray(sums, 2 * LANES);
    c03.intoArray(sums, 3 * LANES);
    c04.intoArray(sums, 4 * LANES);
    c05.intoArray(sums, 5 * LANES);
    c06.intoArray(sums, 6 * LANES);
    c07.intoArray(sums, 7 * LANES);
  }

  /// The slivers that are left over by one row.
  static void tile1x1(Tiling t, int aFrom, long bFrom) {
    float[] a = t.a;
    MemorySegment b = t.b;
    int depth = t.depth;
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector c00 = zero;
    for (int k = 0; k < depth; k++) {
      long at = bFrom + (long) k * BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, b, at, ORDER);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aFrom + k]);
      c00 = a0.fma(b0, c00);
    }
    float[] sums = t.sums;
    c00.intoArray(sums, 0);
  }
}
