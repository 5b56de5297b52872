package dev.unfold.kernels.vector;

import dev.unfold.kernels.Matrix;
import java.lang.foreign.MemorySegment;

/// c = c + a b with b packed before: the loops around [ProductTiles].
///
/// From outside in: blocks of k, blocks of rows of a (copied once, so that their stride is a constant),
/// groups of slivers, tiles. The blocks of k have a constant size: an element of c is the sum of the same
/// blocks in the same order, whatever else is computed.
///
/// **Memory**: 264 KiB, kept by each thread that has multiplied once.
final class Product extends Tiling {
  /// Rows of a that are copied at once: 264 KiB, which leaves most of the second-level cache to b.
  private static final int ROWS = 128;

  private static final ThreadLocal<Product> OWN = ThreadLocal.withInitial(Product::new);

  private Product() {
    super(ROWS * ProductTiles.ROW);
  }

  static void multiplyAdd(Matrix a, Slivers b, Matrix c) {
    OWN.get().add(a, b, c);
  }

  private void add(Matrix left, Slivers right, Matrix target) {
    b = right.segment();
    sliverBytes = right.bytes();
    c = target;
    for (int k = 0; k < right.rows(); k += ProductTiles.DEPTH) {
      depth = Math.min(ProductTiles.DEPTH, right.rows() - k);
      for (int row = 0; row < left.rows(); row += ROWS) {
        int rows = Math.min(ROWS, left.rows() - row);
        copyRows(left, row, rows, k);
        addRows(row, rows, (long) k * Lanes.BYTES);
      }
    }
    b = null;
    c = null;
  }

  /// Copies columns `k` to `k` + `depth` of `rows` rows.
  private void copyRows(Matrix left, int row, int rows, int k) {
    MemorySegment from = left.buffer().segment();
    int whole = Lanes.SPECIES.loopBound(depth);
    for (int r = 0; r < rows; r++) {
      long at = Lanes.rowAt(left, row + r) + (long) k * Float.BYTES;
      int to = r * ProductTiles.ROW;
      for (int i = 0; i < whole; i += Lanes.LANES) {
        Lanes.load(from, at + (long) i * Float.BYTES).intoArray(a, to + i);
      }
      if (whole < depth) {
        // There is room for a whole vector before the next row.
        Lanes.load(from, at + (long) whole * Float.BYTES, Lanes.first(depth - whole))
            .intoArray(a, to + whole);
      }
    }
  }

  /// Adds to `rows` rows of c from `row` on, in full tiles first; the rows that are left over get the
  /// lowest tile that covers them.
  private void addRows(int row, int rows, long bFrom) {
    int whole = rows / HEIGHT * HEIGHT;
    if (HEIGHT == 8) {
      addBand(Shape.EIGHT_BY_THREE, Shape.EIGHT_BY_ONE, row, 0, whole, bFrom);
    } else {
      addBand(Shape.FOUR_BY_TWO, Shape.FOUR_BY_ONE, row, 0, whole, bFrom);
    }
    int rest = rows - whole;
    if (rest > 4) {
      addBand(Shape.EIGHT_BY_THREE, Shape.EIGHT_BY_ONE, row, whole, rows, bFrom);
    } else if (rest > 1) {
      Shape wide = HEIGHT == 8 ? Shape.FOUR_BY_FOUR : Shape.FOUR_BY_TWO;
      addBand(wide, Shape.FOUR_BY_ONE, row, whole, rows, bFrom);
    } else if (rest == 1) {
      addBand(Shape.ONE_BY_EIGHT, Shape.ONE_BY_ONE, row, whole, rows, bFrom);
    }
  }

  /// Adds to the rows `from` to `to` of the block that starts at `row`: all rows of a group of slivers
  /// before the next group, so that the group is read from the first-level cache after its first tile.
  private void addBand(Shape wide, Shape narrow, int row, int from, int to, long bFrom) {
    int slivers = slivers();
    int sliver = 0;
    while (sliver < slivers) {
      Shape shape = sliver + wide.width <= slivers ? wide : narrow;
      for (int r = from; r < to; r += shape.height) {
        int aFrom = r * ProductTiles.ROW;
        run(shape, aFrom, bFrom + sliver * sliverBytes);
        addSums(shape, row + r, to - r, sliver);
      }
      sliver += shape.width;
    }
  }

  private void run(Shape shape, int aFrom, long bFrom) {
    switch (shape) {
      case EIGHT_BY_THREE -> ProductTiles.tile8x3(this, aFrom, bFrom);
      case EIGHT_BY_ONE -> ProductTiles.tile8x1(this, aFrom, bFrom);
      case FOUR_BY_FOUR -> ProductTiles.tile4x4(this, aFrom, bFrom);
      case FOUR_BY_TWO -> ProductTiles.tile4x2(this, aFrom, bFrom);
      case FOUR_BY_ONE -> ProductTiles.tile4x1(this, aFrom, bFrom);
      case ONE_BY_EIGHT -> ProductTiles.tile1x8(this, aFrom, bFrom);
      case ONE_BY_ONE -> ProductTiles.tile1x1(this, aFrom, bFrom);
    }
  }
}
