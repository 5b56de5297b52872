package dev.unfold.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import java.util.Random;

/// Random matrices for the tests of one backend: windows into larger buffers whose other cells must stay
/// as they are.
///
/// The seed is printed; `-Dunfold.seed=` draws other cases. It is fixed by default, so that a build that passed
/// passes again.
public final class Cases {
  /// What the cells around a window hold. No result of a test comes near it.
  private static final double GUARD = -98_765;

  private static final int MARGIN = 67;

  private final Precision precision;
  private final Random random;

  public Cases(Precision precision) {
    this.precision = precision;
    long seed = Long.getLong("unfold.seed", 1);
    System.out.println("random cases: drawn with -Dunfold.seed=" + seed);
    random = new Random(seed);
  }

  /// A number that a test is to choose its cases with.
  int below(int bound) {
    return random.nextInt(bound);
  }

  /// One of `values`.
  int oneOf(int... values) {
    return values[random.nextInt(values.length)];
  }

  /// A window with a random offset and a random gap between its rows, of normally distributed numbers.
  Matrix matrix(int rows, int cols) {
    Matrix matrix = window(rows, cols, cols + random.nextInt(20));
    fill(matrix, 1);
    return matrix;
  }

  /// A window without gaps between its rows, at a random offset.
  Matrix dense(int rows, int cols) {
    Matrix matrix = window(rows, cols, cols);
    fill(matrix, 1);
    return matrix;
  }

  /// One row seen `rows` times.
  Matrix repeated(int rows, int cols) {
    Matrix row = matrix(1, cols);
    return Matrix.repeated(row.buffer(), row.offset(), rows, cols);
  }

  /// Where a matrix can be.
  enum Memory {
    /// Outside the heap, from the start of a buffer on, without gaps.
    ALIGNED,
    /// Outside the heap, somewhere in a buffer, with gaps between its rows.
    WINDOW,
    /// All of a buffer in the heap.
    HEAP,
    /// Somewhere in a buffer in the heap, with gaps between its rows.
    HEAP_WINDOW
  }

  /// `values`, row by row, in memory of some kind.
  Matrix in(Memory memory, int rows, int cols, double... values) {
    int count = rows * cols;
    int offset = 1 + random.nextInt(MARGIN);
    int stride = cols + 1 + random.nextInt(20);
    int length = offset + rows * stride + MARGIN;
    Matrix matrix =
        switch (memory) {
          case ALIGNED -> Matrix.of(HostBuffer.allocate(precision.type(), count), 0, rows, cols);
          case WINDOW ->
              guarded(HostBuffer.allocate(precision.type(), length), offset, rows, cols, stride);
          case HEAP -> Matrix.of(HostBuffer.onHeap(precision.type(), count), 0, rows, cols);
          case HEAP_WINDOW ->
              guarded(HostBuffer.onHeap(precision.type(), length), offset, rows, cols, stride);
        };
    for (int i = 0; i < count; i++) {
      matrix.set(i / cols, i % cols, values[i]);
    }
    return matrix;
  }

  /// A window with guard cells around it and in the gaps, and in its own cells.
  private Matrix window(int rows, int cols, int stride) {
    int offset = random.nextInt(MARGIN);
    HostBuffer buffer =
        HostBuffer.allocate(precision.type(), offset + (long) rows * stride + MARGIN);
    return guarded(buffer, offset, rows, cols, stride);
  }

  private static Matrix guarded(HostBuffer buffer, int offset, int rows, int cols, int stride) {
    for (long i = 0; i < buffer.length(); i++) {
      buffer.set(i, GUARD);
    }
    return Matrix.of(buffer, offset, rows, cols, stride);
  }

  /// Sets all elements to normally distributed numbers of standard deviation `scale`.
  void fill(Matrix matrix, double scale) {
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < matrix.cols(); c++) {
        matrix.set(r, c, random.nextGaussian() * scale);
      }
    }
  }

  /// Random numbers from 0 to `bound` - 1, with `from` others before them.
  int[] indices(int from, int count, int bound) {
    int[] indices = new int[from + count];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = i < from ? -1 : random.nextInt(bound);
    }
    return indices;
  }

  /// Half the distance from 1 to the next number: what one rounding may change, relative to the result.
  double epsilon() {
    return precision == Precision.FLOAT ? 0x1p-24 : 0x1p-53;
  }

  /// The distance between the smallest numbers: what one rounding may change at most near zero.
  double smallest() {
    return precision == Precision.FLOAT ? Float.MIN_VALUE : Double.MIN_VALUE;
  }

  /// The elements, row by row.
  public static double[] values(Matrix matrix) {
    double[] values = new double[matrix.rows() * matrix.cols()];
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < matrix.cols(); c++) {
        values[r * matrix.cols() + c] = matrix.get(r, c);
      }
    }
    return values;
  }

  /// All cells of the buffer outside the window are as they were.
  static void assertNeighboursUntouched(String what, Matrix matrix) {
    boolean[] inside = new boolean[Math.toIntExact(matrix.buffer().length())];
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < matrix.cols(); c++) {
        inside[Math.toIntExact(matrix.offset()) + r * matrix.stride() + c] = true;
      }
    }
    for (int i = 0; i < inside.length; i++) {
      if (!inside[i]) {
        assertEquals(GUARD, matrix.host().get(i), what + ": cell " + i + " of " + matrix);
      }
    }
  }

  /// `actual` differs from `expected` by `tolerance` at most; infinities and NaN are the same.
  static void assertClose(String what, double expected, double actual, double tolerance) {
    boolean same =
        Double.isNaN(expected)
            ? Double.isNaN(actual)
            : expected == actual || Math.abs(expected - actual) <= tolerance;
    assertTrue(same, what + ": expected " + expected + " within " + tolerance + ", got " + actual);
  }
}
