package dev.unfold.online;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.storage.Matrix;

/// Factors for what is kept of J.
final class Scaling {
  /// Keeps roots from 0 / 0.
  private static final double EPSILON = 1e-7;

  private Scaling() {}

  /// By what two factors of a product are multiplied and divided so that they share the noise.
  static double balance(double above, double below) {
    return Math.sqrt((above + EPSILON) / (below + EPSILON));
  }

  /// Multiplies all numbers of a matrix, which happens rarely.
  static void scale(Kernels kernels, Matrix numbers, double factor) {
    if (factor == 0) {
      // Not a product: infinity times 0 is not 0.
      numbers.clear();
      return;
    }
    Pointwise.Builder builder = Pointwise.builder();
    Pointwise.Slot own = builder.operand();
    builder.emit(Op.MULTIPLY, own, own, builder.scalar());
    kernels.prepare(builder.build()).run(new Matrix[] {numbers}, factor);
  }
}
