package dev.unfold.kernels.vector.pointwise;

import jdk.incubator.vector.VectorMask;

/// What a [Loop] does to a row, in bytecode that [LoopCompiler] has made.
///
/// The whole vectors and the rest of a row have methods of their own: a mask in the same method makes the compiler
/// give up most of the speed of the loop.
public interface LoopBody {
  /// Computes bytes `from` to `to` of row `row`, which are whole vectors.
  ///
  /// @param places where the values are
  void run(Place[] places, int row, int from, int to);

  /// Computes the lanes of `tail` from byte `from` of row `row` on.
  void runTail(Place[] places, int row, int from, VectorMask<Float> tail);

  /// Computes bytes `from` to `to` of row `row`, one number after the other.
  void runPlainly(Place[] places, int row, int from, int to);
}
