package dev.unfold.kernels.vector.pointwise;

import jdk.incubator.vector.VectorMask;

/// What a [Loop] does to the first rows of its places, the last of them first, in bytecode that [LoopCompiler] has
/// made: the loop over the rows is in it, since a call costs as much as a short row.
///
/// The whole vectors and the rest of a row have methods of their own: a mask in the same method makes the compiler
/// give up most of the speed of the loop.
public interface LoopBody {
  /// Computes bytes `from` to `to` of each of `rows` rows, which are whole vectors.
  ///
  /// @param places where the values are
  void run(Place[] places, int rows, int from, int to);

  /// Computes the lanes of `tail` from byte `from` of each of `rows` rows on.
  void runTail(Place[] places, int rows, int from, VectorMask<Float> tail);

  /// Computes bytes `from` to `to` of each of `rows` rows, one number after the other.
  void runPlainly(Place[] places, int rows, int from, int to);
}
