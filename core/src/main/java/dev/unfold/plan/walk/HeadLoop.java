package dev.unfold.plan.walk;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.plan.HeadShape;
import dev.unfold.plan.Stage;

/// Runs a program over the matrices of all heads of all rows of a batch, one after the other: operand i shows of each
/// row the numbers of all heads, and the program sees those of one.
///
/// **Threads**: one at a time.
public final class HeadLoop implements Runnable {
  private static final double[] NO_SCALARS = {};

  private final PointwiseKernel kernel;
  private final Matrix[] operands;
  private final HeadShape shape;

  /// What the program sees of each operand.
  private final Matrix[] windows;

  /// Numbers of a head in each operand.
  private final int[] sizes;

  private HeadLoop(Kernels kernels, Pointwise program, Stage.Heads heads, Matrix[] operands) {
    kernel = kernels.prepare(program);
    this.operands = operands;
    shape = heads.shape();
    windows = new Matrix[operands.length];
    sizes = new int[operands.length];
    boolean[] sums = program.rows();
    for (int i = 0; i < operands.length; i++) {
      Stage.Side side = heads.sides().get(i);
      sizes[i] =
          switch (side) {
            case ELEMENTS -> shape.rows() * shape.cols();
            case ROWS -> shape.rows();
            case COLUMNS -> shape.cols();
          };
      windows[i] = window(operands[i], side, sums[i]);
    }
  }

  /// What runs `program` on `operands`, whose rows may move from run to run.
  ///
  /// @param heads how it sees them; null if as they are
  public static Runnable of(
      Kernels kernels, Pointwise program, Stage.Heads heads, Matrix... operands) {
    if (heads != null) {
      return new HeadLoop(kernels, program, heads, operands);
    }
    PointwiseKernel kernel = kernels.prepare(program);
    return () -> kernel.run(operands, NO_SCALARS);
  }

  private Matrix window(Matrix of, Stage.Side side, boolean isSum) {
    int rows = shape.rows();
    int cols = shape.cols();
    return switch (side) {
      case ELEMENTS -> Matrix.of(of.buffer(), of.offset(), rows, cols);
      case ROWS -> Matrix.of(of.buffer(), of.offset(), rows, 1);
      case COLUMNS ->
          isSum
              ? Matrix.of(of.buffer(), of.offset(), 1, cols)
              : Matrix.repeated(of.buffer(), of.offset(), rows, cols);
    };
  }

  @Override
  public void run() {
    int rows = operands[0].rows();
    for (int row = 0; row < rows; row++) {
      for (int head = 0; head < shape.heads(); head++) {
        for (int i = 0; i < windows.length; i++) {
          Matrix of = operands[i];
          windows[i].moveTo(of.offset() + (long) row * of.stride() + (long) head * sizes[i]);
        }
        kernel.run(windows, NO_SCALARS);
      }
    }
  }
}
