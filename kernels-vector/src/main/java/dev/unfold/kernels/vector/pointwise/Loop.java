package dev.unfold.kernels.vector.pointwise;

import jdk.incubator.vector.VectorMask;

/// Some consecutive instructions of a pointwise program as one loop over the elements of a row: what they pass on
/// to each other stays in registers. Made by [LoopCompiler].
///
/// The whole vectors and the rest of a row have methods of their own: a mask in the same method makes the compiler
/// give up most of the speed of the loop.
interface Loop {
  /// Computes row `row` as far as whole vectors go.
  ///
  /// @param places where the values are
  /// @param whole bytes in whole vectors
  void run(Place[] places, int row, int whole);

  /// Computes the lanes of `tail` after `whole` bytes of row `row`.
  void runTail(Place[] places, int row, int whole, VectorMask<Float> tail);

  /// Computes the rows of `block`.
  default void run(Place[] places, Block block) {
    for (int row = 0; row < block.rows(); row++) {
      run(places, row, block.whole());
      if (block.tail() != null) {
        runTail(places, row, block.whole(), block.tail());
      }
    }
  }
}
