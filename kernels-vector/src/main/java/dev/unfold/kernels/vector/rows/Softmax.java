package dev.unfold.kernels.vector.rows;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.vector.lanes.Functions;
import dev.unfold.kernels.vector.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Softmax cross-entropy of a row in three passes: the largest logit; the exponentials, written to the
/// gradient, and their sum in double; the gradient from the exponentials.
///
/// The largest logit is taken out first, so that no exponential overflows and the sum is at least 1.
/// A row with a NaN has a NaN sum, loss and gradient.
///
/// Where one class is nearly sure, the sum is 1 and what little the others have, which is lost in it: then that is
/// summed up by itself.
public final class Softmax {
  /// A sum below it has lost digits of the others.
  private static final double NEARLY_SURE = 1 + 0x1p-20;

  private Softmax() {}

  public static void crossEntropy(
      Matrix logits, int[] targets, int from, double[] scales, Matrix gradient, double[] losses) {
    for (int r = 0; r < logits.rows(); r++) {
      double scale = scales[from + r];
      if (scale == 0) {
        skip(r, from, gradient, losses);
        continue;
      }
      int target = targets[from + r];
      double logit = logits.get(r, target);
      double largest = largest(logits, r);
      double sum = exponentials(logits, r, (float) largest, gradient);
      losses[from + r] = largest - logit + StrictMath.log(sum);
      // The right class's output minus 1 nearly cancels once it is learnt: it is computed in
      // double.
      double right = scale * (gradient.get(r, target) / sum - 1);
      if (sum < NEARLY_SURE && logit == largest) {
        double rest = rest(gradient, r, target);
        losses[from + r] = StrictMath.log1p(rest);
        right = scale * (0 - rest) / sum;
      }
      multiply(gradient, r, (float) (scale / sum));
      gradient.set(r, target, right);
    }
  }

  public static void crossEntropy(
      Matrix logits, Matrix targets, int from, double[] scales, Matrix gradient, double[] losses) {
    for (int r = 0; r < logits.rows(); r++) {
      double scale = scales[from + r];
      if (scale == 0) {
        skip(r, from, gradient, losses);
        continue;
      }
      double largest = largest(logits, r);
      // The loss is taken before the exponentials, which may overwrite the logits.
      double mass = sum(targets, r);
      double expected = expected(logits, targets, r, (float) largest);
      double sum = exponentials(logits, r, (float) largest, gradient);
      losses[from + r] = mass * StrictMath.log(sum) - expected;
      if (sum < NEARLY_SURE) {
        int sure = indexOfOne(gradient, r);
        double rest = rest(gradient, r, sure);
        double own = targets.get(r, sure);
        losses[from + r] = mass * StrictMath.log1p(rest) - expected;
        subtract(gradient, targets, r, (float) (scale * mass / sum), (float) scale);
        gradient.set(r, sure, scale * ((mass - own) / sum - own * rest / sum));
      } else {
        subtract(gradient, targets, r, (float) (scale * mass / sum), (float) scale);
      }
    }
  }

  /// The sum of the exponentials but that of the class that is nearly sure, 1.
  private static double rest(Matrix gradient, int row, int sure) {
    gradient.set(row, sure, 0);
    double rest = sum(gradient, row);
    gradient.set(row, sure, 1);
    return rest;
  }

  private static int indexOfOne(Matrix gradient, int row) {
    int index = 0;
    while (gradient.get(row, index) != 1) {
      index++;
    }
    return index;
  }

  /// A row that does not count.
  private static void skip(int row, int from, Matrix gradient, double[] losses) {
    losses[from + row] = 0;
    long at = gradient.offset() + (long) row * gradient.stride();
    gradient.buffer().clear(at, gradient.cols());
  }

  private static double largest(Matrix logits, int row) {
    MemorySegment from = logits.buffer().segment();
    long at = Lanes.rowAt(logits, row);
    int whole = Lanes.SPECIES.loopBound(logits.cols());
    FloatVector largest = Lanes.fill(Float.NEGATIVE_INFINITY);
    for (int col = 0; col < whole; col += Lanes.LANES) {
      FloatVector x = Lanes.load(from, at + (long) col * Float.BYTES);
      largest = largest.blend(x, x.compare(VectorOperators.GT, largest));
    }
    float result = largest.reduceLanes(VectorOperators.MAX);
    for (int col = whole; col < logits.cols(); col++) {
      float x = from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + (long) col * Float.BYTES);
      result = x > result ? x : result;
    }
    return result;
  }

  /// gradient(row, k) = exp(logits(row, k) - largest); returns their sum. Two loops, so that either fits
  /// what the compiler takes in at once; the row is in the first-level cache.
  private static double exponentials(Matrix logits, int row, float largest, Matrix gradient) {
    MemorySegment from = logits.buffer().segment();
    MemorySegment to = gradient.buffer().segment();
    long at = Lanes.rowAt(logits, row);
    long toAt = Lanes.rowAt(gradient, row);
    int whole = Lanes.SPECIES.loopBound(logits.cols());
    for (int col = 0; col < whole; col += Lanes.LANES) {
      long offset = (long) col * Float.BYTES;
      FloatVector e = Functions.exp(Lanes.load(from, at + offset).sub(largest));
      Lanes.store(e, to, toAt + offset);
    }
    if (whole < logits.cols()) {
      long offset = (long) whole * Float.BYTES;
      VectorMask<Float> mask = Lanes.first(logits.cols() - whole);
      FloatVector e = Functions.exp(Lanes.load(from, at + offset, mask).sub(largest));
      Lanes.store(e, to, toAt + offset, mask);
    }
    return sum(gradient, row);
  }

  private static void multiply(Matrix matrix, int row, float factor) {
    MemorySegment segment = matrix.buffer().segment();
    long at = Lanes.rowAt(matrix, row);
    int whole = Lanes.SPECIES.loopBound(matrix.cols());
    for (int col = 0; col < whole; col += Lanes.LANES) {
      long offset = at + (long) col * Float.BYTES;
      Lanes.store(Lanes.load(segment, offset).mul(factor), segment, offset);
    }
    if (whole < matrix.cols()) {
      long offset = at + (long) whole * Float.BYTES;
      VectorMask<Float> mask = Lanes.first(matrix.cols() - whole);
      Lanes.store(Lanes.load(segment, offset, mask).mul(factor), segment, offset, mask);
    }
  }

  /// The sum of a row.
  private static double sum(Matrix matrix, int row) {
    MemorySegment from = matrix.buffer().segment();
    long at = Lanes.rowAt(matrix, row);
    DoubleVector low = DoubleVector.zero(SumInDouble.DOUBLES);
    DoubleVector high = DoubleVector.zero(SumInDouble.DOUBLES);
    int whole = Lanes.SPECIES.loopBound(matrix.cols());
    for (int col = 0; col < whole; col += Lanes.LANES) {
      FloatVector x = Lanes.load(from, at + (long) col * Float.BYTES);
      low = low.add(SumInDouble.low(x));
      high = high.add(SumInDouble.high(x));
    }
    if (whole < matrix.cols()) {
      VectorMask<Float> mask = Lanes.first(matrix.cols() - whole);
      FloatVector x = Lanes.load(from, at + (long) whole * Float.BYTES, mask);
      low = low.add(SumInDouble.low(x));
      high = high.add(SumInDouble.high(x));
    }
    return SumInDouble.total(low) + SumInDouble.total(high);
  }

  /// sum_k z_k (logits(row, k) - largest)
  private static double expected(Matrix logits, Matrix targets, int row, float largest) {
    MemorySegment from = logits.buffer().segment();
    MemorySegment weights = targets.buffer().segment();
    long at = Lanes.rowAt(logits, row);
    long weightsAt = Lanes.rowAt(targets, row);
    DoubleVector low = DoubleVector.zero(SumInDouble.DOUBLES);
    DoubleVector high = DoubleVector.zero(SumInDouble.DOUBLES);
    int whole = Lanes.SPECIES.loopBound(logits.cols());
    for (int col = 0; col < whole; col += Lanes.LANES) {
      long offset = (long) col * Float.BYTES;
      FloatVector x = Lanes.load(from, at + offset).sub(largest);
      FloatVector z = Lanes.load(weights, weightsAt + offset);
      low = SumInDouble.low(x).fma(SumInDouble.low(z), low);
      high = SumInDouble.high(x).fma(SumInDouble.high(z), high);
    }
    if (whole < logits.cols()) {
      long offset = (long) whole * Float.BYTES;
      VectorMask<Float> mask = Lanes.first(logits.cols() - whole);
      FloatVector x = Lanes.fill(0f).blend(Lanes.load(from, at + offset, mask).sub(largest), mask);
      FloatVector z = Lanes.load(weights, weightsAt + offset, mask);
      low = SumInDouble.low(x).fma(SumInDouble.low(z), low);
      high = SumInDouble.high(x).fma(SumInDouble.high(z), high);
    }
    return SumInDouble.total(low) + SumInDouble.total(high);
  }

  /// gradient(row, k) = factor gradient(row, k) - scale z_k
  private static void subtract(
      Matrix gradient, Matrix targets, int row, float factor, float scale) {
    MemorySegment segment = gradient.buffer().segment();
    MemorySegment weights = targets.buffer().segment();
    long at = Lanes.rowAt(gradient, row);
    long weightsAt = Lanes.rowAt(targets, row);
    int whole = Lanes.SPECIES.loopBound(gradient.cols());
    for (int col = 0; col < whole; col += Lanes.LANES) {
      long offset = (long) col * Float.BYTES;
      FloatVector z = Lanes.load(weights, weightsAt + offset).mul(-scale);
      FloatVector result = Lanes.load(segment, at + offset).fma(Lanes.fill(factor), z);
      Lanes.store(result, segment, at + offset);
    }
    if (whole < gradient.cols()) {
      long offset = (long) whole * Float.BYTES;
      VectorMask<Float> mask = Lanes.first(gradient.cols() - whole);
      FloatVector z = Lanes.load(weights, weightsAt + offset, mask).mul(-scale);
      FloatVector result = Lanes.load(segment, at + offset, mask).fma(Lanes.fill(factor), z);
      Lanes.store(result, segment, at + offset, mask);
    }
  }
}
