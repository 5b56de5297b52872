package dev.unfold.kernels.vector.rows;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.vector.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Sums of floats that are kept in double: two vectors of half as many doubles for one of floats.
///
/// The order of the additions is fixed: lane by lane, then the lanes from first to last.
public final class SumInDouble {
  static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

  private SumInDouble() {}

  /// The doubles of the first half of the lanes.
  static DoubleVector low(FloatVector vector) {
    return (DoubleVector) vector.convertShape(VectorOperators.F2D, DOUBLES, 0);
  }

  /// The doubles of the second half of the lanes.
  static DoubleVector high(FloatVector vector) {
    return (DoubleVector) vector.convertShape(VectorOperators.F2D, DOUBLES, 1);
  }

  /// The lanes' sum, from the first lane to the last. The Vector API's own sum leaves the order open.
  static double total(DoubleVector lanes) {
    double sum = 0;
    for (int i = 0; i < DOUBLES.length(); i++) {
      sum += lanes.lane(i);
    }
    return sum;
  }

  public static double ofProducts(Matrix a, Matrix b) {
    DoubleVector low = DoubleVector.zero(DOUBLES);
    DoubleVector high = DoubleVector.zero(DOUBLES);
    MemorySegment left = a.buffer().segment();
    MemorySegment right = b.buffer().segment();
    int whole = Lanes.SPECIES.loopBound(a.cols());
    VectorMask<Float> tail = Lanes.first(a.cols() - whole);
    for (int r = 0; r < a.rows(); r++) {
      long leftAt = Lanes.rowAt(a, r);
      long rightAt = Lanes.rowAt(b, r);
      for (int col = 0; col < whole; col += Lanes.LANES) {
        FloatVector x = Lanes.load(left, leftAt + (long) col * Float.BYTES);
        FloatVector y = Lanes.load(right, rightAt + (long) col * Float.BYTES);
        low = low(x).fma(low(y), low);
        high = high(x).fma(high(y), high);
      }
      if (whole < a.cols()) {
        FloatVector x = Lanes.load(left, leftAt + (long) whole * Float.BYTES, tail);
        FloatVector y = Lanes.load(right, rightAt + (long) whole * Float.BYTES, tail);
        low = low(x).fma(low(y), low);
        high = high(x).fma(high(y), high);
      }
    }
    return total(low) + total(high);
  }
}
