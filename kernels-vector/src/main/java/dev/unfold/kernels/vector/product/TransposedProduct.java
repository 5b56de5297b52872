package dev.unfold.kernels.vector.product;

import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.vector.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// c = c + a^T b, summed over many rows: the loops around its tiles.
///
/// From outside in: blocks of rows, blocks of b's columns, strips of a's columns, tiles side by side. Both sides
/// are copied block by block: a tile then reads memory in one direction, where in the matrices each step would be
/// a row, and so a page, further on. Tiles follow each other along the rows of c, which the processor foresees:
/// c is as large as the weights, and read and written once for each block of rows. The blocks of rows have a
/// constant size, and an element of c is one chain of multiply-adds through all of them, whatever else is computed.
///
/// **Memory**: some 540 KiB, kept by each thread that has multiplied once.
public final class TransposedProduct extends Tiling {
  /// Columns of b that are copied at once: 512 KiB, which the second-level cache keeps while a's strips go by.
  private static final int COLUMNS = 512;

  /// Rows of b that are copied before the next sliver: these are read as they lie in memory.
  private static final int COPIED_ROWS = 16;

  /// The most rows that a tile sums at once: what is copied of a and b then stays in the second-level cache.
  static final int DEPTH = 256;

  /// Numbers of a for one k: two tiles' heights. They follow each other, as they do in a row of a matrix that is used
  /// transposed.
  private static final int STRIP = 2 * HEIGHT;

  static final Tile.Steps STEPS = new Tile.Steps(1, STRIP);

  /// One row of a strip.
  private static final VectorSpecies<Float> STRIP_ROW =
      HEIGHT == 8 ? FloatVector.SPECIES_512 : FloatVector.SPECIES_256;

  private static final ThreadLocal<TransposedProduct> OWN =
      ThreadLocal.withInitial(TransposedProduct::new);
  private static final Tile WIDE = tile(2);
  private static final Tile NARROW = tile(1);

  private final MemorySegment copy;

  TransposedProduct() {
    super(STRIP * DEPTH);
    sliverBytes = (long) DEPTH * Lanes.BYTES + Buffer.ALIGNMENT;
    copy = allocate(COLUMNS / Lanes.LANES * sliverBytes);
  }

  private static Tile tile(int width) {
    return new Tile(HEIGHT, width, STEPS, OWN::get);
  }

  public static void multiplyAdd(Matrix a, Matrix b, Matrix c) {
    try {
      OWN.get().add(a, b, c);
    } finally {
      Reference.reachabilityFence(a);
      Reference.reachabilityFence(b);
      Reference.reachabilityFence(c);
    }
  }

  private void add(Matrix left, Matrix right, Matrix target) {
    setTarget(target);
    setBase(target);
    int slivers = slivers();
    for (int row = 0; row < left.rows(); row += DEPTH) {
      depth = Math.min(DEPTH, left.rows() - row);
      for (int sliver = 0; sliver < slivers; sliver += COLUMNS / Lanes.LANES) {
        int count = Math.min(COLUMNS / Lanes.LANES, slivers - sliver);
        copySlivers(right, row, sliver, count);
        for (int col = 0; col < left.cols(); col += STRIP) {
          int cols = Math.min(STRIP, left.cols() - col);
          copyStrip(left, row, col, cols);
          addStrip(col, cols, sliver, count);
        }
      }
    }
  }

  /// Copies `count` slivers of the block of rows from `row` on.
  private void copySlivers(Matrix right, int row, int sliver, int count) {
    for (int done = 0; done < depth; done += COPIED_ROWS) {
      int end = Math.min(done + COPIED_ROWS, depth);
      for (int s = 0; s < count; s++) {
        copyRows(right, row, done, end, sliver + s, copy.address() + s * sliverBytes);
      }
    }
  }

  /// Copies rows `first` to `end` - 1 of the block of rows, of one sliver, to address `to` on.
  private void copyRows(Matrix right, int row, int first, int end, int sliver, long to) {
    MemorySegment memory = Lanes.MEMORY;
    long rowBytes = (long) right.stride() * Float.BYTES;
    long at = Lanes.addressOf(right, row) + (long) sliver * Lanes.BYTES;
    if (right.cols() - sliver * Lanes.LANES >= Lanes.LANES) {
      for (int r = first; r < end; r++) {
        Lanes.store(Lanes.load(memory, at + r * rowBytes), memory, to + (long) r * Lanes.BYTES);
      }
    } else {
      VectorMask<Float> mask = Lanes.first(right.cols() - sliver * Lanes.LANES);
      for (int r = first; r < end; r++) {
        Lanes.store(
            Lanes.load(memory, at + r * rowBytes, mask), memory, to + (long) r * Lanes.BYTES);
      }
    }
  }

  /// Copies the `cols` columns of the block of rows that start at (`row`, `col`).
  private void copyStrip(Matrix left, int row, int col, int cols) {
    MemorySegment memory = Lanes.MEMORY;
    long rowBytes = (long) left.stride() * Float.BYTES;
    long at = Lanes.addressOf(left, row) + (long) col * Float.BYTES;
    if (cols == STRIP) {
      for (int r = 0; r < depth; r++) {
        FloatVector.fromMemorySegment(STRIP_ROW, memory, at + r * rowBytes, Lanes.ORDER)
            .intoArray(a, r * STRIP);
      }
    } else {
      VectorMask<Float> mask = STRIP_ROW.indexInRange(0, cols);
      for (int r = 0; r < depth; r++) {
        FloatVector.fromMemorySegment(STRIP_ROW, memory, at + r * rowBytes, Lanes.ORDER, mask)
            .intoArray(a, r * STRIP);
      }
    }
  }

  /// Adds to `cols` rows of c from `col` on, in `count` slivers from `sliver` on.
  private void addStrip(int col, int cols, int sliver, int count) {
    for (int done = 0; done < cols; done += HEIGHT) {
      int s = 0;
      while (s < count) {
        Tile tile = s + WIDE.width <= count ? WIDE : NARROW;
        run(tile, done, copy.address() + s * sliverBytes, col + done, cols - done, sliver + s);
        s += tile.width;
      }
    }
  }
}
