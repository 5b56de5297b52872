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
/// would be a row, and so a page, further on. The blocks of rows have a constant size, and an element of
/// c is one chain of multiply-adds through all of them, whatever else is computed.
///
/// **Memory**: some 560 KiB, kept by each thread that has multiplied once.
final class TransposedProduct extends Tiling {
  /// Columns of a that are copied at once: 512 KiB.
  private static final int COLUMNS = 512;

  /// Slivers of b that are copied at once: what the widest tile reads.
  private static final int WIDEST = 2;

  private static final int STRIP = TransposedTiles.STRIP;
  private static final Shape WIDE = HEIGHT == 8 ? Shape.EIGHT_BY_TWO : Shape.FOUR_BY_TWO;
  private static final Shape NARROW = HEIGHT == 8 ? Shape.EIGHT_BY_ONE : Shape.FOUR_BY_ONE;

  /// One row of a strip.
  private static final VectorSpecies<Float> STRIP_ROW =
      HEIGHT == 8 ? FloatVector.SPECIES_512 : FloatVector.SPECIES_256;

  private static final ThreadLocal<TransposedProduct> OWN =
      ThreadLocal.withInitial(TransposedProduct::new);

  private final MemorySegment copy;

  private TransposedProduct() {
    super(COLUMNS * TransposedTiles.DEPTH);
    sliverBytes = (long) TransposedTiles.DEPTH * Lanes.BYTES + Buffer.ALIGNMENT;
    copy = allocate(WIDEST * sliverBytes);
  }

  static void multiplyAdd(Matrix a, Matrix b, Matrix c) {
    OWN.get().add(a, b, c);
  }

  private void add(Matrix left, Matrix right, Matrix target) {
    b = copy;
    setTarget(target);
    setBase(target);
    for (int row = 0; row < left.rows(); row += TransposedTiles.DEPTH) {
      depth = Math.min(TransposedTiles.DEPTH, left.rows() - row);
      for (int col = 0; col < left.cols(); col += COLUMNS) {
        int cols = Math.min(COLUMNS, left.cols() - col);
        copyStrips(left, row, col, cols);
        addColumns(right, row, col, cols);
      }
    }
    release();
  }

  /// Copies the block of `cols` columns from (`row`, `col`) on into strips.
  private void copyStrips(Matrix left, int row, int col, int cols) {
    MemorySegment from = left.buffer().segment();
    long rowBytes = (long) left.stride() * Float.BYTES;
    for (int done = 0; done < cols; done += STRIP) {
      long at = Lanes.rowAt(left, row) + (long) (col + done) * Float.BYTES;
      int to = done * TransposedTiles.DEPTH;
      if (cols - done >= STRIP) {
        for (int r = 0; r < depth; r++) {
          FloatVector.fromMemorySegment(STRIP_ROW, from, at + r * rowBytes, Lanes.ORDER)
              .intoArray(a, to + r * STRIP);
        }
      } else {
        VectorMask<Float> mask = STRIP_ROW.indexInRange(0, cols - done);
        for (int r = 0; r < depth; r++) {
          FloatVector.fromMemorySegment(STRIP_ROW, from, at + r * rowBytes, Lanes.ORDER, mask)
              .intoArray(a, to + r * STRIP);
        }
      }
    }
  }

  /// Adds to the rows `col` to `col` + `cols` of c.
  private void addColumns(Matrix right, int row, int col, int cols) {
    int slivers = slivers();
    int sliver = 0;
    while (sliver < slivers) {
      Shape shape = sliver + WIDE.width <= slivers ? WIDE : NARROW;
      for (int w = 0; w < shape.width; w++) {
        copySliver(right, row, sliver + w, w * sliverBytes);
      }
      for (int done = 0; done < cols; done += HEIGHT) {
        int aFrom = done / STRIP * STRIP * TransposedTiles.DEPTH + done % STRIP;
        run(shape, aFrom, 0, col + done, cols - done, sliver);
      }
      sliver += shape.width;
    }
  }

  /// Copies one sliver of the block of rows to byte `to`.
  private void copySliver(Matrix right, int row, int sliver, long to) {
    MemorySegment from = right.buffer().segment();
    long rowBytes = (long) right.stride() * Float.BYTES;
    long at = Lanes.rowAt(right, row) + (long) sliver * Lanes.BYTES;
    if (right.cols() - sliver * Lanes.LANES >= Lanes.LANES) {
      for (int r = 0; r < depth; r++) {
        Lanes.store(Lanes.load(from, at + r * rowBytes), copy, to + (long) r * Lanes.BYTES);
      }
    } else {
      VectorMask<Float> mask = Lanes.first(right.cols() - sliver * Lanes.LANES);
      for (int r = 0; r < depth; r++) {
        Lanes.store(Lanes.load(from, at + r * rowBytes, mask), copy, to + (long) r * Lanes.BYTES);
      }
    }
  }

  @Override
  void runTile(Shape shape, int aFrom, long bFrom, long ontoAt, long cAt) {
    switch (shape) {
      case EIGHT_BY_TWO -> TransposedTiles.tile8x2(this, aFrom, bFrom, ontoAt, cAt);
      case EIGHT_BY_ONE -> TransposedTiles.tile8x1(this, aFrom, bFrom, ontoAt, cAt);
      case FOUR_BY_TWO -> TransposedTiles.tile4x2(this, aFrom, bFrom, ontoAt, cAt);
      case FOUR_BY_ONE -> TransposedTiles.tile4x1(this, aFrom, bFrom, ontoAt, cAt);
      default -> throw new IllegalArgumentException("shape: no such tile here, got " + shape);
    }
  }
}
