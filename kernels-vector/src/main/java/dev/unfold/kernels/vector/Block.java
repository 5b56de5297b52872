package dev.unfold.kernels.vector;

import jdk.incubator.vector.VectorMask;

/// The extent of what one instruction of a pointwise program works on at a time.
///
/// @param rows number of rows
/// @param whole bytes of a row in whole vectors
/// @param tail the lanes of the rest of a row; null if there is none
record Block(int rows, int whole, VectorMask<Float> tail) {
  /// `rows` rows of `cols` numbers.
  static Block of(int rows, int cols) {
    int whole = Lanes.SPECIES.loopBound(cols);
    VectorMask<Float> tail = whole == cols ? null : Lanes.first(cols - whole);
    return new Block(rows, whole * Float.BYTES, tail);
  }
}
