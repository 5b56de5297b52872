package dev.unfold.kernels.vector.product;

import static dev.unfold.kernels.vector.lanes.Lanes.BYTES;
import static dev.unfold.kernels.vector.lanes.Lanes.ORDER;
import static dev.unfold.kernels.vector.lanes.Lanes.SPECIES;

import dev.unfold.kernels.vector.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The tiles of onto + a b: `tileHxW` sums H rows by W vectors of the product over one block of k.
///
/// Anatomy: the tile of `onto` is loaded; for each k, W vectors of b are loaded and H numbers of a broadcast,
/// H x W multiply-adds done; the tile of c is stored. So an element is a chain of fused multiply-adds over
/// rising k that starts at its element of `onto`, the same in every tile.
///
/// The rows of a are [#ROW] floats apart in an array, a constant: the addresses of all rows are then one
/// register and a displacement each. Row 0 of a starts at `aFrom`, the first sliver of b at byte `bFrom`, the
/// tiles of `onto` and c at bytes `ontoAt` and `cAt`.
///
/// The Vector API is called directly, not through methods of our own: with those the compiler would give up
/// inlining, and every vector would become an object. No tile has more than 16 sums: the compiler loads all
/// numbers of a before it needs them, and with 24 sums some of these are spilled in every round.
public final class ProductTiles {
  /// The most k that a tile sums at once: eight rows of a then fill a third of the first-level cache.
  public static final int DEPTH = 512;

  /// Floats from a row of a to the next: a cache line more than the depth, or else all rows would fall
  /// into the same sets of the first-level cache.
  static final int ROW = DEPTH + 16;

  private ProductTiles() {}

  /// The tile of most products: 16 sums, 10 loads to 16 multiply-adds.
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
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aFrom + k + 4 * ROW]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aFrom + k + 5 * ROW]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[aFrom + k + 6 * ROW]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[aFrom + k + 7 * ROW]);
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

  /// The sliver that is left over: 8 sums, which just covers the latency of a multiply-add.
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

  /// Few rows: 16 sums, 8 loads to 16 multiply-adds.
  static void tile4x4(Tiling t, int aFrom, long bFrom, long ontoAt, long cAt) {
    float[] a = t.a;
    MemorySegment memory = Lanes.MEMORY;
    long sliver = t.sliverBytes;
    int depth = t.depth;
    long ontoRow = t.ontoRowBytes;
    FloatVector c00 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt, ORDER);
    FloatVector c01 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + BYTES, ORDER);
    FloatVector c02 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 2L * BYTES, ORDER);
    FloatVector c03 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 3L * BYTES, ORDER);
    FloatVector c10 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + ontoRow, ORDER);
    FloatVector c11 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + ontoRow + BYTES, ORDER);
    FloatVector c12 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + ontoRow + 2L * BYTES, ORDER);
    FloatVector c13 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + ontoRow + 3L * BYTES, ORDER);
    FloatVector c20 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 2 * ontoRow, ORDER);
    FloatVector c21 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 2 * ontoRow + BYTES, ORDER);
    FloatVector c22 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 2 * ontoRow + 2L * BYTES, ORDER);
    FloatVector c23 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 2 * ontoRow + 3L * BYTES, ORDER);
    FloatVector c30 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 3 * ontoRow, ORDER);
    FloatVector c31 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 3 * ontoRow + BYTES, ORDER);
    FloatVector c32 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 3 * ontoRow + 2L * BYTES, ORDER);
    FloatVector c33 =
        FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 3 * ontoRow + 3L * BYTES, ORDER);
    for (int k = 0; k < depth; k++) {
      long at = bFrom + (long) k * BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, memory, at, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, memory, at + sliver, ORDER);
      FloatVector b2 = FloatVector.fromMemorySegment(SPECIES, memory, at + 2 * sliver, ORDER);
      FloatVector b3 = FloatVector.fromMemorySegment(SPECIES, memory, at + 3 * sliver, ORDER);
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
    long cRow = t.cRowBytes;
    c00.intoMemorySegment(memory, cAt, ORDER);
    c01.intoMemorySegment(memory, cAt + BYTES, ORDER);
    c02.intoMemorySegment(memory, cAt + 2L * BYTES, ORDER);
    c03.intoMemorySegment(memory, cAt + 3L * BYTES, ORDER);
    c10.intoMemorySegment(memory, cAt + cRow, ORDER);
    c11.intoMemorySegment(memory, cAt + cRow + BYTES, ORDER);
    c12.intoMemorySegment(memory, cAt + cRow + 2L * BYTES, ORDER);
    c13.intoMemorySegment(memory, cAt + cRow + 3L * BYTES, ORDER);
    c20.intoMemorySegment(memory, cAt + 2 * cRow, ORDER);
    c21.intoMemorySegment(memory, cAt + 2 * cRow + BYTES, ORDER);
    c22.intoMemorySegment(memory, cAt + 2 * cRow + 2L * BYTES, ORDER);
    c23.intoMemorySegment(memory, cAt + 2 * cRow + 3L * BYTES, ORDER);
    c30.intoMemorySegment(memory, cAt + 3 * cRow, ORDER);
    c31.intoMemorySegment(memory, cAt + 3 * cRow + BYTES, ORDER);
    c32.intoMemorySegment(memory, cAt + 3 * cRow + 2L * BYTES, ORDER);
    c33.intoMemorySegment(memory, cAt + 3 * cRow + 3L * BYTES, ORDER);
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

  /// A single sliver of few rows.
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
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aFrom + k]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aFrom + k + ROW]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aFrom + k + 2 * ROW]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aFrom + k + 3 * ROW]);
      c30 = a3.fma(b0, c30);
    }
    long cRow = t.cRowBytes;
    c00.intoMemorySegment(memory, cAt, ORDER);
    c10.intoMemorySegment(memory, cAt + cRow, ORDER);
    c20.intoMemorySegment(memory, cAt + 2 * cRow, ORDER);
    c30.intoMemorySegment(memory, cAt + 3 * cRow, ORDER);
  }

  /// A single row, which waits for the memory of b: eight slivers side by side keep the loads going.
  static void tile1x8(Tiling t, int aFrom, long bFrom, long ontoAt, long cAt) {
    float[] a = t.a;
    MemorySegment memory = Lanes.MEMORY;
    long sliver = t.sliverBytes;
    int depth = t.depth;
    FloatVector c00 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt, ORDER);
    FloatVector c01 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + BYTES, ORDER);
    FloatVector c02 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 2L * BYTES, ORDER);
    FloatVector c03 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 3L * BYTES, ORDER);
    FloatVector c04 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 4L * BYTES, ORDER);
    FloatVector c05 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 5L * BYTES, ORDER);
    FloatVector c06 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 6L * BYTES, ORDER);
    FloatVector c07 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 7L * BYTES, ORDER);
    for (int k = 0; k < depth; k++) {
      long at = bFrom + (long) k * BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, memory, at, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, memory, at + sliver, ORDER);
      FloatVector b2 = FloatVector.fromMemorySegment(SPECIES, memory, at + 2 * sliver, ORDER);
      FloatVector b3 = FloatVector.fromMemorySegment(SPECIES, memory, at + 3 * sliver, ORDER);
      FloatVector b4 = FloatVector.fromMemorySegment(SPECIES, memory, at + 4 * sliver, ORDER);
      FloatVector b5 = FloatVector.fromMemorySegment(SPECIES, memory, at + 5 * sliver, ORDER);
      FloatVector b6 = FloatVector.fromMemorySegment(SPECIES, memory, at + 6 * sliver, ORDER);
      FloatVector b7 = FloatVector.fromMemorySegment(SPECIES, memory, at + 7 * sliver, ORDER);
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
    c00.intoMemorySegment(memory, cAt, ORDER);
    c01.intoMemorySegment(memory, cAt + BYTES, ORDER);
    c02.intoMemorySegment(memory, cAt + 2L * BYTES, ORDER);
    c03.intoMemorySegment(memory, cAt + 3L * BYTES, ORDER);
    c04.intoMemorySegment(memory, cAt + 4L * BYTES, ORDER);
    c05.intoMemorySegment(memory, cAt + 5L * BYTES, ORDER);
    c06.intoMemorySegment(memory, cAt + 6L * BYTES, ORDER);
    c07.intoMemorySegment(memory, cAt + 7L * BYTES, ORDER);
  }

  /// A single row of few slivers.
  static void tile1x4(Tiling t, int aFrom, long bFrom, long ontoAt, long cAt) {
    float[] a = t.a;
    MemorySegment memory = Lanes.MEMORY;
    long sliver = t.sliverBytes;
    int depth = t.depth;
    FloatVector c00 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt, ORDER);
    FloatVector c01 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + BYTES, ORDER);
    FloatVector c02 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 2L * BYTES, ORDER);
    FloatVector c03 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt + 3L * BYTES, ORDER);
    for (int k = 0; k < depth; k++) {
      long at = bFrom + (long) k * BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, memory, at, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, memory, at + sliver, ORDER);
      FloatVector b2 = FloatVector.fromMemorySegment(SPECIES, memory, at + 2 * sliver, ORDER);
      FloatVector b3 = FloatVector.fromMemorySegment(SPECIES, memory, at + 3 * sliver, ORDER);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aFrom + k]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
    }
    c00.intoMemorySegment(memory, cAt, ORDER);
    c01.intoMemorySegment(memory, cAt + BYTES, ORDER);
    c02.intoMemorySegment(memory, cAt + 2L * BYTES, ORDER);
    c03.intoMemorySegment(memory, cAt + 3L * BYTES, ORDER);
  }

  /// A single row of a single sliver.
  static void tile1x1(Tiling t, int aFrom, long bFrom, long ontoAt, long cAt) {
    float[] a = t.a;
    MemorySegment memory = Lanes.MEMORY;
    int depth = t.depth;
    FloatVector c00 = FloatVector.fromMemorySegment(SPECIES, memory, ontoAt, ORDER);
    for (int k = 0; k < depth; k++) {
      long at = bFrom + (long) k * BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, memory, at, ORDER);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aFrom + k]);
      c00 = a0.fma(b0, c00);
    }
    c00.intoMemorySegment(memory, cAt, ORDER);
  }
}
