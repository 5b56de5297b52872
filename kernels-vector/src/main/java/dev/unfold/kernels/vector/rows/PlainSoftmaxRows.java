package dev.unfold.kernels.vector.rows;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.vector.lanes.LaneFunction;
import dev.unfold.kernels.vector.lanes.Lanes;
import dev.unfold.kernels.vector.lanes.SumInDouble;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// [SoftmaxRows] in plain loops, until the vectors are compiled.
public final class PlainSoftmaxRows implements SoftmaxRows {
  private static final LaneFunction EXP = LaneFunction.named("exp");

  private static float get(MemorySegment segment, long at, int col) {
    return segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + (long) col * Float.BYTES);
  }

  private static void set(MemorySegment segment, long at, int col, float value) {
    segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at + (long) col * Float.BYTES, value);
  }

  @Override
  public double largest(Matrix logits, int row) {
    MemorySegment from = logits.host().segment();
    long at = Lanes.rowAt(logits, row);
    float largest = Float.NEGATIVE_INFINITY;
    for (int col = 0; col < logits.cols(); col++) {
      float x = get(from, at, col);
      largest = x > largest ? x : largest;
    }
    return largest;
  }

  @Override
  public double exponentials(Matrix logits, int row, float largest, Matrix gradient) {
    MemorySegment from = logits.host().segment();
    long at = Lanes.rowAt(logits, row);
    MemorySegment target = gradient.host().segment();
    long to = Lanes.rowAt(gradient, row);
    for (int col = 0; col < logits.cols(); col++) {
      set(target, to, col, EXP.of(get(from, at, col) - largest));
    }
    return sum(gradient, row);
  }

  @Override
  public void multiply(Matrix matrix, int row, float factor) {
    MemorySegment from = matrix.host().segment();
    long at = Lanes.rowAt(matrix, row);
    for (int col = 0; col < matrix.cols(); col++) {
      set(from, at, col, get(from, at, col) * factor);
    }
  }

  @Override
  public double sum(Matrix matrix, int row) {
    double[] sums = SumInDouble.zeros();
    MemorySegment from = matrix.host().segment();
    long at = Lanes.rowAt(matrix, row);
    for (int col = 0; col < matrix.cols(); col++) {
      sums[col % Lanes.LANES] += get(from, at, col);
    }
    return SumInDouble.total(sums);
  }

  @Override
  public double expected(Matrix logits, Matrix targets, int row, float largest) {
    double[] sums = SumInDouble.zeros();
    MemorySegment from = logits.host().segment();
    long at = Lanes.rowAt(logits, row);
    MemorySegment weights = targets.host().segment();
    long weightsAt = Lanes.rowAt(targets, row);
    for (int col = 0; col < logits.cols(); col++) {
      int lane = col % Lanes.LANES;
      sums[lane] =
          Math.fma(
              (double) (get(from, at, col) - largest), get(weights, weightsAt, col), sums[lane]);
    }
    return SumInDouble.total(sums);
  }

  @Override
  public void subtract(Matrix gradient, Matrix targets, int row, float factor, float scale) {
    MemorySegment from = gradient.host().segment();
    long at = Lanes.rowAt(gradient, row);
    MemorySegment weights = targets.host().segment();
    long weightsAt = Lanes.rowAt(targets, row);
    for (int col = 0; col < gradient.cols(); col++) {
      set(
          from,
          at,
          col,
          Math.fma(get(from, at, col), factor, get(weights, weightsAt, col) * -scale));
    }
  }
}
