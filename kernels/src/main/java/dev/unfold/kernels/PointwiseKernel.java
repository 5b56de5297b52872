package dev.unfold.kernels;

import dev.unfold.kernels.storage.Matrix;

/// A [Pointwise] program made ready to run by a backend ([Kernels#prepare]).
///
/// **Threads**: one at a time, since a kernel may own scratch memory; each thread prepares its own.
@FunctionalInterface
public interface PointwiseKernel {
  /// Runs the program over all elements.
  ///
  /// **Shapes**: all operands have the same rows and columns, except that a column of the program has one
  /// column and a row one row; a stride of 0 repeats a row.
  ///
  /// @param operands one matrix for each operand of the program
  /// @param scalars one number for each scalar of the program
  void run(Matrix[] operands, double... scalars);
}
