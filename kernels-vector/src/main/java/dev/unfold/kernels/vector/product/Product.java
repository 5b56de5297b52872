package dev.unfold.kernels.vector.product;

import dev.unfold.kernels.Factor;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.vector.lanes.Lanes;
import dev.unfold.kernels.vector.lanes.Trial;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/// c = onto + a b with b packed before: the loops around [ProductTiles].
///
/// From outside in: blocks of k, blocks of rows of a (copied once for all factors, so that their stride is a
/// constant), groups of slivers, tiles. The blocks of k have a constant size, and an element of c is one chain
/// of multiply-adds through all of them, whatever else is computed.
///
/// **Memory**: 528 KiB, kept by each thread that has multiplied once.
public final class Product extends Tiling {
  /// Rows of a that are copied at once: 528 KiB. All of b passes by once for each such block.
  private static final int ROWS = 256;

  /// So many rows are worth a tile of eight; fewer get one of four.
  private static final int WORTH_EIGHT = 6;

  // The widths to choose from, the widest first.
  private static final Shape[] EIGHT = {Shape.EIGHT_BY_TWO, Shape.EIGHT_BY_ONE};
  private static final Shape[] FOUR =
      HEIGHT == 8
          ? new Shape[] {Shape.FOUR_BY_FOUR, Shape.FOUR_BY_ONE}
          : new Shape[] {Shape.FOUR_BY_TWO, Shape.FOUR_BY_ONE};
  private static final Shape[] ONE = {Shape.ONE_BY_EIGHT, Shape.ONE_BY_FOUR, Shape.ONE_BY_ONE};

  private static final ThreadLocal<Product> OWN = ThreadLocal.withInitial(Product::new);
  private static final Trial[] TRIALS = trials(OWN::get);

  public Product() {
    super(ROWS * ProductTiles.ROW, new Steps(ProductTiles.ROW, 1), TRIALS);
  }

  public static void multiply(Matrix a, Factor[] factors) {
    try {
      OWN.get().run(a, factors);
    } finally {
      Reference.reachabilityFence(a);
      Reference.reachabilityFence(factors);
    }
  }

  private void run(Matrix left, Factor[] factors) {
    for (int k = 0; k < left.cols(); k += ProductTiles.DEPTH) {
      depth = Math.min(ProductTiles.DEPTH, left.cols() - k);
      for (int row = 0; row < left.rows(); row += ROWS) {
        int rows = Math.min(ROWS, left.rows() - row);
        copyRows(left, row, rows, k);
        for (Factor factor : factors) {
          set(factor, k == 0);
          addRows(row, rows, ((Slivers) factor.b()).address() + (long) k * Lanes.BYTES);
        }
      }
    }
  }

  private void set(Factor factor, boolean first) {
    Slivers right = (Slivers) factor.b();
    sliverBytes = right.bytes();
    setTarget(factor.target());
    if (!first) {
      setBase(factor.target());
    } else if (factor.onto() != null) {
      setBase(factor.onto());
    } else {
      setNoBase();
    }
  }

  /// Copies columns `k` to `k` + `depth` of `rows` rows.
  private void copyRows(Matrix left, int row, int rows, int k) {
    MemorySegment memory = Lanes.MEMORY;
    int whole = Lanes.SPECIES.loopBound(depth);
    for (int r = 0; r < rows; r++) {
      long at = Lanes.addressOf(left, row + r) + (long) k * Float.BYTES;
      int to = r * ProductTiles.ROW;
      for (int i = 0; i < whole; i += Lanes.LANES) {
        Lanes.load(memory, at + (long) i * Float.BYTES).intoArray(a, to + i);
      }
      if (whole < depth) {
        // There is room for a whole vector before the next row.
        Lanes.load(memory, at + (long) whole * Float.BYTES, Lanes.first(depth - whole))
            .intoArray(a, to + whole);
      }
    }
  }

  /// Computes `rows` rows of c from `row` on, in full tiles first; the rows that are left over get the lowest
  /// tiles that suit them.
  private void addRows(int row, int rows, long bFrom) {
    int done = rows / HEIGHT * HEIGHT;
    addBand(HEIGHT == 8 ? EIGHT : FOUR, row, 0, done, bFrom);
    if (rows - done >= WORTH_EIGHT) {
      addBand(EIGHT, row, done, rows, bFrom);
    } else if (rows - done > 4) {
      addBand(FOUR, row, done, done + 4, bFrom);
      addRows(row, done + 4, rows, bFrom);
    } else {
      addRows(row, done, rows, bFrom);
    }
  }

  /// Computes the rows `from` to `to`, four at most.
  private void addRows(int row, int from, int to, long bFrom) {
    addBand(to - from > 1 ? FOUR : ONE, row, from, to, bFrom);
  }

  /// Computes the rows `from` to `to` of the block that starts at `row`: all rows of a group of slivers before
  /// the next group, so that the group is read from the first-level cache after its first tile.
  private void addBand(Shape[] shapes, int row, int from, int to, long bFrom) {
    int slivers = slivers();
    int sliver = 0;
    int choice = 0;
    while (sliver < slivers) {
      while (sliver + shapes[choice].width > slivers) {
        choice++;
      }
      Shape shape = shapes[choice];
      for (int r = from; r < to; r += shape.height) {
        run(shape, r * ProductTiles.ROW, bFrom + sliver * sliverBytes, row + r, to - r, sliver);
      }
      sliver += shape.width;
    }
  }

  @Override
  public void runTile(Shape shape, int aFrom, long bFrom, long ontoAt, long cAt) {
    switch (shape) {
      case EIGHT_BY_TWO -> ProductTiles.tile8x2(this, aFrom, bFrom, ontoAt, cAt);
      case EIGHT_BY_ONE -> ProductTiles.tile8x1(this, aFrom, bFrom, ontoAt, cAt);
      case FOUR_BY_FOUR -> ProductTiles.tile4x4(this, aFrom, bFrom, ontoAt, cAt);
      case FOUR_BY_TWO -> ProductTiles.tile4x2(this, aFrom, bFrom, ontoAt, cAt);
      case FOUR_BY_ONE -> ProductTiles.tile4x1(this, aFrom, bFrom, ontoAt, cAt);
      case ONE_BY_EIGHT -> ProductTiles.tile1x8(this, aFrom, bFrom, ontoAt, cAt);
      case ONE_BY_FOUR -> ProductTiles.tile1x4(this, aFrom, bFrom, ontoAt, cAt);
      case ONE_BY_ONE -> ProductTiles.tile1x1(this, aFrom, bFrom, ontoAt, cAt);
    }
  }
}
