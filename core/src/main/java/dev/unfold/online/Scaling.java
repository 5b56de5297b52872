package dev.unfold.online;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.storage.Matrix;

/// Multiplies all numbers of a matrix, which happens rarely.
final class Scaling {
  private Scaling() {}

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
