package dev.unfold.kernels.vector.rows;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.vector.lanes.Functions;
import dev.unfold.kernels.vector.lanes.Lanes;
import dev.unfold.kernels.vector.lanes.SumInDouble;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// [SoftmaxRows] in vectors.
public final class VectorSoftmaxRows implements SoftmaxRows {
  @Override
  public double largest(Matrix logits, int row) {
    MemorySegment from = logits.host().segment();
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

  @Override
  public double exponentials(Matrix logits, int row, float largest, Matrix gradient) {
    MemorySegment from = logits.host().segment();
    MemorySegment to = gradient.host().segment();
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

  @Override
  public void multiply(Matrix matrix, int row, float factor) {
    MemorySegment segment = matrix.host().segment();
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

  @Override
  public double sum(Matrix matrix, int row) {
    MemorySegment from = matrix.host().segment();
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

  @Override
  public double expected(Matrix logits, Matrix targets, int row, float largest) {
    MemorySegment from = logits.host().segment();
    MemorySegment weights = targets.host().segment();
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

  @Override
  public void subtract(Matrix gradient, Matrix targets, int row, float factor, float scale) {
    MemorySegment segment = gradient.host().segment();
    MemorySegment weights = targets.host().segment();
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
