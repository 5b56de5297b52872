package dev.unfold.kernels.vector.product;

import dev.unfold.kernels.Factor;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.vector.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.stream.IntStream;

/// c = onto + a b with b packed before: the loops around its tiles.
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

  /// The most k that a tile sums at once: eight rows of a then fill a third of the first-level cache.
  static final int DEPTH = 512;

  /// Floats from a row of a to the next: a cache line more than the depth, or else all rows would fall
  /// into the same sets of the first-level cache.
  private static final int ROW = DEPTH + 16;

  static final Tile.Steps STEPS = new Tile.Steps(ROW, 1);

  private static final ThreadLocal<Product> OWN = ThreadLocal.withInitial(Product::new);

  /// Those of each format of b.
  private static final Tiles FLOAT32 = Tiles.of(WeightFormat.FLOAT32);

  private static final Tiles BFLOAT16 = Tiles.of(WeightFormat.BFLOAT16);
  private static final Tiles FIXED16 = Tiles.of(WeightFormat.FIXED16);

  private Tiles tiles = FLOAT32;

  Product() {
    super(ROWS * ROW);
  }

  /// The tiles to choose from; of each height the widest first.
  ///
  /// @param eight for most products: 16 sums, 10 loads to 16 multiply-adds; the sliver that is left over has 8 sums,
  ///     which just covers the latency of a multiply-add
  /// @param four for few rows: 16 sums, 8 loads to 16 multiply-adds; machines with 16 registers: 8 sums, 2 vectors of
  ///     b, 1 of a
  /// @param one for a single row, which waits for the memory of b: eight slivers side by side keep the loads going
  private record Tiles(Tile[] eight, Tile[] four, Tile[] one) {
    static Tiles of(WeightFormat format) {
      return new Tiles(
          tiles(format, 8, 2, 1),
          tiles(format, 4, HEIGHT == 8 ? 4 : 2, 1),
          tiles(format, 1, 8, 4, 1));
    }

    private static Tile[] tiles(WeightFormat format, int height, int... widths) {
      return IntStream.of(widths)
          .mapToObj(width -> new Tile(height, width, STEPS, format, OWN::get))
          .toArray(Tile[]::new);
    }
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
    for (int k = 0; k < left.cols(); k += DEPTH) {
      depth = Math.min(DEPTH, left.cols() - k);
      for (int row = 0; row < left.rows(); row += ROWS) {
        int rows = Math.min(ROWS, left.rows() - row);
        copyRows(left, row, rows, k);
        for (Factor factor : factors) {
          Slivers right = (Slivers) factor.b();
          set(factor, right, k == 0);
          scaledBytes = right.bytesBefore(k);
          addRows(row, rows, right.address() + scaledBytes);
        }
      }
    }
  }

  private void set(Factor factor, Slivers right, boolean first) {
    sliverBytes = right.bytes();
    tiles =
        switch (right.format()) {
          case FLOAT32 -> FLOAT32;
          case BFLOAT16 -> BFLOAT16;
          case FIXED16 -> FIXED16;
        };
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
      int to = r * ROW;
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
    addBand(HEIGHT == 8 ? tiles.eight : tiles.four, row, 0, done, bFrom);
    if (rows - done >= WORTH_EIGHT) {
      addBand(tiles.eight, row, done, rows, bFrom);
    } else if (rows - done > 4) {
      addBand(tiles.four, row, done, done + 4, bFrom);
      addRows(row, done + 4, rows, bFrom);
    } else {
      addRows(row, done, rows, bFrom);
    }
  }

  /// Computes the rows `from` to `to`, four at most.
  private void addRows(int row, int from, int to, long bFrom) {
    addBand(to - from > 1 ? tiles.four : tiles.one, row, from, to, bFrom);
  }

  /// Computes the rows `from` to `to` of the block that starts at `row`: all rows of a group of slivers before
  /// the next group, so that the group is read from the first-level cache after its first tile.
  private void addBand(Tile[] tiles, int row, int from, int to, long bFrom) {
    int slivers = slivers();
    int sliver = 0;
    int choice = 0;
    while (sliver < slivers) {
      while (sliver + tiles[choice].width > slivers) {
        choice++;
      }
      Tile tile = tiles[choice];
      for (int r = from; r < to; r += tile.height) {
        run(tile, r * ROW, bFrom + sliver * sliverBytes, row + r, to - r, sliver);
      }
      sliver += tile.width;
    }
  }
}
