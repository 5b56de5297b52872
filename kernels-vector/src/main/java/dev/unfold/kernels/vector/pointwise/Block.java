package dev.unfold.kernels.vector.pointwise;

import dev.unfold.kernels.vector.lanes.Lanes;
import jdk.incubator.vector.VectorMask;

/// The extent of what one instruction of a pointwise program works on at a time.
///
/// @param rows number of rows
/// @param cols numbers in a row
/// @param whole bytes of a row in whole vectors
/// @param tail the lanes of the rest of a row; null if there is none
record Block(int rows, int cols, int whole, VectorMask<Float> tail) {
  /// `rows` rows of `cols` numbers.
  static Block of(int rows, int cols) {
    int whole = Lanes.SPECIES.loopBound(cols);
    VectorMask<Float> tail = whole == cols ? null : Lanes.first(cols - whole);
    return new Block(rows, cols, whole * Float.BYTES, tail);
  }

  private boolean is(int rows, int cols) {
    return this.rows == rows && this.cols == cols;
  }

  /// The blocks that a program was last run on: mostly the same few, which are then made once.
  static final class Cache {
    private final Block[] blocks = new Block[4];
    private int oldest;

    /// `rows` rows of `cols` numbers.
    Block of(int rows, int cols) {
      for (Block block : blocks) {
        if (block != null && block.is(rows, cols)) {
          return block;
        }
      }
      Block block = Block.of(rows, cols);
      blocks[oldest] = block;
      oldest = (oldest + 1) % blocks.length;
      return block;
    }
  }
}
