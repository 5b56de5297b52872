package dev.unfold.kernels.vector.product;

import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.vector.lanes.Lanes;
import dev.unfold.kernels.vector.lanes.Trial;
import java.util.function.Supplier;

/// A tile of onto + a b: the product of `height` rows by `width` vectors over one block of k.
///
/// Anatomy: the tile of `onto` is loaded; for each k, `width` vectors of b are loaded and `height` numbers of a
/// broadcast, `height` x `width` multiply-adds done; the tile of c is stored. So an element is a chain of fused
/// multiply-adds over rising k that starts at its element of `onto`, the same in every tile.
///
/// In 16 bits two rows of b are loaded at once and taken apart. Integers are summed as such: the chain starts at the
/// element of `onto` over the scale and ends times the scale, a power of two, which gives the same bits.
///
/// Its code is written when it is first needed. The tiles of products have up to 16 sums: the compiler loads all
/// numbers of a before it needs them, and with 24 sums some of these are spilled in every round. Tests make larger
/// ones.
final class Tile {
  /// The most vectors in one tile.
  static final int LARGEST = 32;

  /// How many k it sums when it is tried.
  static final int SAMPLE = 24;

  final int height;
  final int width;
  final Steps steps;
  final WeightFormat format;
  private final Trial trial;
  private TileBody body;

  /// A tile whose b is in 32 bits.
  ///
  /// @param own the product of the thread that asks
  Tile(int height, int width, Steps steps, Supplier<? extends Tiling> own) {
    this(height, width, steps, WeightFormat.FLOAT32, own);
  }

  /// @param format that of b
  /// @param own the product of the thread that asks
  Tile(int height, int width, Steps steps, WeightFormat format, Supplier<? extends Tiling> own) {
    if (height * width > LARGEST) {
      throw new IllegalArgumentException(
          "tile: expected " + LARGEST + " vectors at most, got " + height + " x " + width);
    }
    this.height = height;
    this.width = width;
    this.steps = steps;
    this.format = format;
    trial = new Trial(SAMPLE * (height + 1L) * (width + 1L), () -> own.get().runSample(this));
  }

  /// How far the numbers of a are apart.
  ///
  /// @param row from row to row
  /// @param depth from one k to the next
  record Steps(int row, int depth) {}

  /// Whether its vectors are fast. If not, plain loops have to sum `depth` k instead.
  boolean isFast(int depth) {
    return trial.isOver((long) height * width * Lanes.LANES * depth);
  }

  /// Its code in vectors. Threads that ask at the same time may write it twice, which does no harm: it has no state.
  TileBody body() {
    TileBody known = body;
    if (known == null) {
      known = TileWriter.write(Element.FLOAT, format, height, width, steps);
      body = known;
    }
    return known;
  }
}
