package dev.unfold.kernels.vector;

import dev.unfold.kernels.Buffer;
import dev.unfold.kernels.Matrix;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// c = c + a^T b, summed over many rows: the loops around [TransposedTiles].
///
/// From outside in: blocks of rows, blocks of a's columns, groups of b's slivers, tiles. Both sides are
/// copied block by block: a tile then reads memory in one direction, where in the matrices each step
/// would be a row, and so a page, further on. The blocks of rows have a constant size: an element of
/// c is the sum of the same blocks in the same order, whatever else is computed.
///
/// **Memory**: some 600 KiB, kept by each thread that has multiplied once.
final class TransposedProduct extends Tiling {
  /// Columns of a that are copied at once: 512 KiB.
  private static final int COLUMNS = 512;

  /// Slivers of b that are copied at once: what the widest tile reads.
  private static final int WIDEST = 3;

  /// Numbers of a that a tile reads: the rows of a block, HEIGHT columns.
  private static final int STRIP = TransposedTiles.DEPTH * HEIGHT;

  /// One row of a strip.
  private static final VectorSpecies<Float> STRIP_ROW =
      HEIGHT == 8 ? FloatVector.SPECIES_256 : FloatVector.SPECIES_128;

  private static final ThreadLocal<TransposedProduct> OWN =
      ThreadLocal.withInitial(TransposedProduct::new);

  private final MemorySegment copy;

  private TransposedProduct() {
    super(COLUMNS * TransposedTiles.DEPTH);
    sliverBytes = (long) TransposedTiles.DEPTH * Lanes.BYTES + Buffer.ALIGNMENT;
    copy = allocate(WIDEST * sliverBytes);
    b = copy;
  }

  static void multiplyAdd(Matrix a, Matrix b, Matrix c) {
    OWN.get().add(a, b, c);
  }

  private void add(Matrix left, Matrix right, Matrix target) {
    c = target;
    for (int row = 0; row < left.rows(); row += TransposedTiles.DEPTH) {
      depth = Math.min(TransposedTiles.DEPTH, left.rows() - row);
      for (int col = 0; col < left.cols(); col += COLUMNS) {
        int cols = Math.min(COLUMNS, left.cols() - col);
        copyStrips(left, row, col, cols);
        addColumns(right, row, col, cols);
      }
    }
    c = null;
  }

  /// Copies the block of `cols` columns from (`row`, `col`) on into strips of HEIGHT columns.
  private void copyStrips(Matrix left, int row, int col, int cols) {
    MemorySegment from = left.buffer().segment();
    for (int strip = 0; strip * HEIGHT < cols; strip++) {
      VectorMask<Float> mask = STRIP_ROW.indexInRange(0, cols - strip * HEIGHT);
      int to = strip * STRIP;
      long column = (long) (col + strip * HEIGHT) * Float.BYTES;
      for (int r = 0; r < depth; r++) {
        long at = Lanes.rowAt(left, row + r) + column;
        FloatVector.fromMemorySegment(STRIP_ROW, from, at, Lanes.ORDER, mask)
            .intoArray(a, to + r * HEIGHT);
      }
    }
  }

  /// Adds to the rows `col` to `col` + `cols` of c.
  private void addColumns(Matrix right, int row, int col, int cols) {
    Shape wide = HEIGHT == 8 ? Shape.EIGHT_BY_THREE : Shape.FOUR_BY_TWO;
    Shape narrow = HEIGHT == 8 ? Shape.EIGHT_BY_ONE : Shape.FOUR_BY_ONE;
    int slivers = slivers();
    int sliver = 0;
    while (sliver < slivers) {
      Shape shape = sliver + wide.width <= slivers ? wide : narrow;
      for (int w = 0; w < shape.width; w++) {
        copySliver(right, row, sliver + w, w * sliverBytes);
      }
      for (int strip = 0; strip * HEIGHT < cols; strip++) {
        int done = strip * HEIGHT;
        run(shape, strip * STRIP, 0);
        addSums(shape, col + done, cols - done, sliver);
      }
      sliver += shape.width;
    }
  }

  /// Copies one sliver of the block of rows to byte `to`.
  private void copySliver(Matrix right, int row, int sliver, long to) {
    MemorySegment from = right.buffer().segment();
    VectorMask<Float> mask = Lanes.first(right.cols() - sliver * Lanes.LANES);
    long column = (long) sliver * Lanes.BYTES;
    for (int r = 0; r < depth; r++) {
      FloatVector vector = Lanes.load(from, Lanes.rowAt(right, row + r) + column, mask);
      Lanes.store(vector, copy, to + (long) r * Lanes.BYTES);
    }
  }

  private void run(Shape shape, int aFrom, long bFrom) {
    switch (shape) {
      case EIGHT_BY_THREE -> TransposedTiles.tile8x3(this, aFrom, bFrom);
      case EIGHT_BY_ONE -> TransposedTiles.tile8x1(this, aFrom, bFrom);
      case FOUR_BY_TWO -> TransposedTiles.tile4x2(this, aFrom, bFrom);
      case FOUR_BY_ONE -> TransposedTiles.tile4x1(this, aFrom, bFrom);
      default -> throw new IllegalArgumentException("shape: no such tile here, got " + shape);
    }
  }
}
