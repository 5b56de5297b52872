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
/// From outside in: blocks of rows, blocks of b's columns, panels of a's columns, strips of these, tiles side by side.
/// Both sides are copied block by block: a tile then reads memory in one direction, where in the matrices each step
/// would be a row, and so a page, further on. Tiles follow each other along the rows of c, which the processor
/// foresees: c is as large as the weights, and read and written once for each block of rows. The blocks of rows have a
/// constant size, and an element of c is one chain of multiply-adds through all of them, whatever else is computed.
///
/// **Memory**: some 600 KiB, kept by each thread that has multiplied once.
public final class TransposedProduct extends Tiling {
  /// Columns of b that are copied at once: 512 KiB, which the second-level cache keeps while a's panels go by.
  private static final int COLUMNS = 512;

  /// Rows of b that are copied before the next sliver: these are read as they lie in memory.
  private static final int COPIED_ROWS = 16;

  /// The most rows that a tile sums at once: what is copied of a and b then stays in the second-level cache.
  static final int DEPTH = 256;

  /// Numbers of a for one k: a tile's height. They follow each other, as they do in a row of a matrix that is used
  /// transposed.
  private static final int STRIP = HEIGHT;

  /// Columns of a that are copied at once, as strips: whole lines of its rows, each of which is a page further on.
  private static final int PANEL = 64;

  static final Tile.Steps STEPS = new Tile.Steps(1, STRIP);

  /// One row of a strip.
  private static final VectorSpecies<Float> STRIP_ROW =
      HEIGHT == 8 ? FloatVector.SPECIES_256 : FloatVector.SPECIES_128;

  private static final ThreadLocal<TransposedProduct> OWN =
      ThreadLocal.withInitial(TransposedProduct::new);
  private static final Tile WIDE = tile(2);
  private static final Tile NARROW = tile(1);

  private final MemorySegment copy;

  TransposedProduct() {
    super(PANEL * DEPTH);
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
        for (int col = 0; col < left.cols(); col += PANEL) {
          int cols = Math.min(PANEL, left.cols() - col);
          copyPanel(left, row, col, cols);
          for (int strip = 0; strip < cols; strip += STRIP) {
            addStrip(strip * DEPTH, col + strip, cols - strip, sliver, count);
          }
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

  /// Copies the `cols` columns of the block of rows that start at (`row`, `col`), strip after strip.
  private void copyPanel(Matrix left, int row, int col, int cols) {
    MemorySegment memory = Lanes.MEMORY;
    long rowBytes = (long) left.stride() * Float.BYTES;
    long at = Lanes.addressOf(left, row) + (long) col * Float.BYTES;
    int whole = cols / STRIP * STRIP;
    for (int r = 0; r < depth; r++) {
      for (int c = 0; c < whole; c += STRIP) {
        long from = at + r * rowBytes + (long) c * Float.BYTES;
        FloatVector.fromMemorySegment(STRIP_ROW, memory, from, Lanes.ORDER)
            .intoArray(a, c * DEPTH + r * STRIP);
      }
    }
    if (whole < cols) {
      VectorMask<Float> mask = STRIP_ROW.indexInRange(0, cols - whole);
      for (int r = 0; r < depth; r++) {
        long from = at + r * rowBytes + (long) whole * Float.BYTES;
        FloatVector.fromMemorySegment(STRIP_ROW, memory, from, Lanes.ORDER, mask)
            .intoArray(a, whole * DEPTH + r * STRIP);
      }
    }
  }

  /// Adds to a strip's rows of c from `col` on, of which there are `rows` at most, in `count` slivers from `sliver` on.
  private void addStrip(int aFrom, int col, int rows, int sliver, int count) {
    int s = 0;
    while (s < count) {
      Tile tile = s + WIDE.width <= count ? WIDE : NARROW;
      run(tile, aFrom, copy.address() + s * sliverBytes, col, rows, sliver + s);
      s += tile.width;
    }
  }
}
