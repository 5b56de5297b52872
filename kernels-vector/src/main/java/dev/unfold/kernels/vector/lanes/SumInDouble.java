package dev.unfold.kernels.vector.lanes;

import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Sums of floats that are kept in double: two vectors of half as many doubles for one of floats.
///
/// The order of the additions is fixed: lane by lane, then the lanes from first to last.
public final class SumInDouble {
  public static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

  /// Numbers whose products are summed when it is tried.
  private static final int OPERATIONS = 8;

  private static final int SAMPLE = 17 * Lanes.LANES - 1;

  private static final ThreadLocal<double[]> SUMS =
      ThreadLocal.withInitial(() -> new double[Lanes.LANES]);

  private static final Trial TRIAL = trial();

  private SumInDouble() {}

  /// The doubles of the first half of the lanes.
  public static DoubleVector low(FloatVector vector) {
    return (DoubleVector) vector.convertShape(VectorOperators.F2D, DOUBLES, 0);
  }

  /// The doubles of the second half of the lanes.
  public static DoubleVector high(FloatVector vector) {
    return (DoubleVector) vector.convertShape(VectorOperators.F2D, DOUBLES, 1);
  }

  /// The lanes' sum, from the first lane to the last. The Vector API's own sum leaves the order open.
  public static double total(DoubleVector lanes) {
    double sum = 0;
    for (int i = 0; i < DOUBLES.length(); i++) {
      sum += lanes.lane(i);
    }
    return sum;
  }

  /// The thread's sums for all lanes, each 0. A step allocates nothing, so they are kept.
  public static double[] zeros() {
    double[] sums = SUMS.get();
    Arrays.fill(sums, 0);
    return sums;
  }

  /// The same of lanes one by one.
  public static double total(double[] lanes) {
    double low = 0;
    double high = 0;
    for (int i = 0; i < DOUBLES.length(); i++) {
      low += lanes[i];
      high += lanes[DOUBLES.length() + i];
    }
    return low + high;
  }

  public static double ofProducts(Matrix a, Matrix b) {
    boolean fast = TRIAL.isOver((long) a.rows() * a.cols() * OPERATIONS);
    return fast ? ofProductsInVectors(a, b) : ofProductsPlainly(a, b);
  }

  private static Trial trial() {
    Matrix row = Matrix.allocate(ElementType.FLOAT32, 1, SAMPLE);
    return new Trial((long) SAMPLE / Lanes.LANES * OPERATIONS, () -> ofProductsInVectors(row, row));
  }

  public static double ofProductsPlainly(Matrix a, Matrix b) {
    double[] sums = zeros();
    MemorySegment left = a.host().segment();
    MemorySegment right = b.host().segment();
    for (int r = 0; r < a.rows(); r++) {
      long leftAt = Lanes.rowAt(a, r);
      long rightAt = Lanes.rowAt(b, r);
      for (int col = 0; col < a.cols(); col++) {
        long offset = (long) col * Float.BYTES;
        double x = left.get(ValueLayout.JAVA_FLOAT_UNALIGNED, leftAt + offset);
        double y = right.get(ValueLayout.JAVA_FLOAT_UNALIGNED, rightAt + offset);
        sums[col % Lanes.LANES] = Math.fma(x, y, sums[col % Lanes.LANES]);
      }
    }
    return total(sums);
  }

  public static double ofProductsInVectors(Matrix a, Matrix b) {
    DoubleVector low = DoubleVector.zero(DOUBLES);
    DoubleVector high = DoubleVector.zero(DOUBLES);
    MemorySegment left = a.host().segment();
    MemorySegment right = b.host().segment();
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
