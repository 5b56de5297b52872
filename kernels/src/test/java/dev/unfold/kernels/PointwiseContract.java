package dev.unfold.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.storage.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/// What the pointwise kernels of every backend must do.
public abstract class PointwiseContract {
  private static final int[] ROWS = {1, 2, 3, 7, 13, 130};
  private static final int[] COLS = {1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 127, 257, 1023, 2100};

  /// Where the functions are hard: zeros, tiny and subnormal numbers, saturation, overflow, the special
  /// numbers.
  private static final double[] ARGUMENTS = {
    0.0,
    -0.0,
    1e-42,
    -1e-42,
    1e-30,
    -1e-30,
    1e-7,
    -1e-7,
    1e-3,
    -1e-3,
    0.3,
    -0.3,
    0.34657,
    0.34658,
    0.7071,
    0.7072,
    1,
    -1,
    1.4142,
    1.4143,
    2,
    -2,
    8.9,
    9.1,
    -9.1,
    16,
    17,
    18,
    -17,
    30,
    -30,
    80,
    -80,
    88,
    -88,
    88.7,
    88.8,
    89,
    -87.3,
    -87.4,
    -95,
    -103,
    -104,
    -104.1,
    105,
    -150,
    200,
    -200,
    1e10,
    -1e10,
    3e38,
    -3e38,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.NaN
  };

  /// The operations of elements: those that lead from rows to numbers and back have tests of their own.
  private static final List<Op> OPERATIONS =
      Arrays.stream(Op.values()).filter(op -> op != Op.SUM && op != Op.SPREAD).toList();

  private final Kernels kernels;
  private final Cases cases;

  /// The contract of `kernels`.
  protected PointwiseContract(Kernels kernels) {
    this.kernels = kernels;
    cases = new Cases(kernels.precision());
  }

  @Test
  void run_everyOperationInEverySize_isTheFormula() {
    for (Op op : OPERATIONS) {
      for (int cols : COLS) {
        int rows = cols > 300 ? cases.oneOf(1, 3) : cases.oneOf(ROWS);
        check(op, cases.matrix(rows, cols), cases.matrix(rows, cols), cases.matrix(rows, cols));
        check(op, cases.dense(rows, cols), cases.dense(rows, cols), cases.dense(rows, cols));
        check(op, cases.repeated(rows, cols), cases.matrix(rows, cols), cases.dense(rows, cols));
      }
    }
  }

  @Test
  void run_everyOperationOnHardArguments_isTheFormula() {
    for (Op op : OPERATIONS) {
      Matrix x = cases.matrix(ARGUMENTS.length, ARGUMENTS.length);
      Matrix y = cases.matrix(ARGUMENTS.length, ARGUMENTS.length);
      for (int i = 0; i < ARGUMENTS.length; i++) {
        for (int j = 0; j < ARGUMENTS.length; j++) {
          x.set(i, j, ARGUMENTS[i]);
          y.set(i, j, ARGUMENTS[j]);
        }
      }
      check(op, x, y, cases.matrix(ARGUMENTS.length, ARGUMENTS.length));
    }
  }

  /// To the bit, however far beyond the limit.
  @Test
  void run_clamp_isTheNumberOrTheLimit() {
    double[] numbers = {0, 0.3, 1, 1.0001, 3, 3e7, 1e20, 3e38, 1e-40};
    for (double limit : new double[] {1e-30, 1, 7, 3e38}) {
      Matrix x = cases.matrix(2, numbers.length);
      for (int i = 0; i < numbers.length; i++) {
        x.set(0, i, numbers[i]);
        x.set(1, i, -numbers[i]);
      }
      Matrix target = cases.matrix(2, numbers.length);
      Pointwise.Builder b = Pointwise.builder();
      Slot clamped = b.clamp(b.operand(), limit);
      Slot to = b.operand();
      kernels.prepare(b.emit(Op.COPY, to, clamped, clamped).build()).run(new Matrix[] {x, target});
      for (int i = 0; i < 2 * numbers.length; i++) {
        double own = x.get(i / numbers.length, i % numbers.length);
        double expected = Math.clamp(own, -rounded(limit), rounded(limit));
        assertEquals(expected + 0.0, target.get(i / numbers.length, i % numbers.length) + 0.0);
      }
    }
  }

  private void check(Op op, Matrix x, Matrix y, Matrix target) {
    Pointwise.Builder builder = Pointwise.builder();
    Slot left = builder.operand();
    Slot right = builder.operand();
    builder.emit(op, builder.operand(), left, right);
    kernels.prepare(builder.build()).run(new Matrix[] {x, y, target});
    for (int r = 0; r < x.rows(); r++) {
      for (int c = 0; c < x.cols(); c++) {
        double argument = x.get(r, c);
        String what = op + "(" + argument + ", " + y.get(r, c) + ")";
        double expected = rounded(formula(op, argument, y.get(r, c)));
        Cases.assertClose(what, expected, target.get(r, c), tolerance(expected));
      }
    }
    Cases.assertNeighboursUntouched(op.toString(), target);
  }

  /// Two and a half units in the last place, a unit being 2 epsilon relative to a power of two: functions
  /// are made of a few roundings each. Two of the smallest numbers where these are the unit. Sigmoid may lose what is
  /// below the smallest normal number, where its exponential overflows.
  private double tolerance(double expected) {
    double leastNormal = kernels.precision() == Precision.FLOAT ? Float.MIN_NORMAL : 0;
    boolean subnormal = Math.abs(expected) < leastNormal;
    return 5 * cases.epsilon() * Math.abs(expected)
        + 2 * cases.smallest()
        + (subnormal ? leastNormal : 0);
  }

  private double rounded(double value) {
    return kernels.precision() == Precision.FLOAT ? (float) value : value;
  }

  private static double formula(Op op, double x, double y) {
    return switch (op) {
      case COPY -> x;
      case NEGATE -> -x;
      case ONE_MINUS -> 1 - x;
      case SIGMOID -> 1 / (1 + Math.exp(-x));
      case TANH -> Math.tanh(x);
      case RELU -> Math.max(x, 0);
      case STEP -> x > 0 ? 1 : 0;
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case SOFTPLUS -> x > 40 ? x : Math.log1p(Math.exp(x));
      case SQRT -> Math.sqrt(x);
      case ADD -> x + y;
      case SUBTRACT -> x - y;
      case MULTIPLY -> x * y;
      case DIVIDE -> x / y;
      case SUM, SPREAD -> throw new IllegalArgumentException(op + " is not of elements");
    };
  }

  @Test
  void run_signedZero_keepsItsSign() {
    Matrix x = cases.matrix(1, 1);
    x.set(0, 0, -0.0);
    for (Op op : new Op[] {Op.COPY, Op.TANH, Op.SQRT}) {
      Matrix y = cases.matrix(1, 1);
      run(op, x, y);
      assertEquals(-0.0, y.get(0, 0), op.toString());
    }
    Matrix y = cases.matrix(1, 1);
    run(Op.NEGATE, x, y);
    assertEquals(0.0, y.get(0, 0));
  }

  @Test
  void run_largeArguments_saturateExactly() {
    Matrix x = cases.matrix(1, 2);
    x.set(0, 0, 200);
    x.set(0, 1, -200);
    Matrix y = cases.matrix(1, 2);
    run(Op.TANH, x, y);
    assertArrayEquals(new double[] {1, -1}, Cases.values(y));
    run(Op.SIGMOID, x, y);
    // In double, sigmoid(-200) is a number yet.
    double least = kernels.precision() == Precision.FLOAT ? 0 : 1 / (1 + StrictMath.exp(200));
    assertArrayEquals(new double[] {1, least}, Cases.values(y));
  }

  @Test
  void run_anyPlaceAndLayout_sameBits() {
    for (Op op : OPERATIONS) {
      Matrix x = cases.matrix(5, 70);
      Matrix whole = cases.dense(5, 70);
      run(op, x, whole);
      for (int cols = 1; cols <= 40; cols++) {
        int from = cases.below(70 - cols + 1);
        Matrix part = cases.below(2) == 0 ? cases.dense(5, cols) : cases.matrix(5, cols);
        run(op, x.columns(from, cols), part);
        assertArrayEquals(
            Cases.values(whole.columns(from, cols)),
            Cases.values(part),
            op + ": " + cols + " columns from " + from);
      }
    }
  }

  private void run(Op op, Matrix x, Matrix target) {
    Pointwise.Builder builder = Pointwise.builder();
    Slot argument = builder.operand();
    builder.emit(op, builder.operand(), argument, argument);
    kernels.prepare(builder.build()).run(new Matrix[] {x, target});
  }

  /// c' = f c + s (1 - f) 0.25, c read and written, through temporaries, a constant and a scalar.
  @Test
  void run_programOfManySlots_isTheFormula() {
    Pointwise.Builder builder = Pointwise.builder();
    Slot f = builder.operand();
    Slot c = builder.operand();
    Slot s = builder.scalar();
    Slot kept = builder.compute(Op.MULTIPLY, f, c);
    Slot rest = builder.compute(Op.ONE_MINUS, f);
    Slot scaled = builder.compute(Op.MULTIPLY, rest, s);
    builder.emit(Op.MULTIPLY, scaled, scaled, builder.constant(0.25));
    builder.emit(Op.ADD, c, kept, scaled);
    PointwiseKernel kernel = kernels.prepare(builder.build());
    IntFunction<Matrix> gapped = cols -> cases.matrix(6, cols);
    IntFunction<Matrix> dense = cols -> cases.dense(6, cols);
    IntFunction<Matrix> repeated = cols -> cases.repeated(6, cols);
    for (int cols : COLS) {
      for (IntFunction<Matrix> layout : List.of(gapped, dense, repeated)) {
        for (double scalar : new double[] {3, -2, -2}) {
          checkProgram(kernel, layout.apply(cols), cases.dense(6, cols), scalar);
        }
      }
    }
  }

  private void checkProgram(PointwiseKernel kernel, Matrix f, Matrix c, double scalar) {
    double[] before = Cases.values(c);
    kernel.run(new Matrix[] {f, c}, scalar);
    for (int i = 0; i < before.length; i++) {
      double gate = f.get(i / c.cols(), i % c.cols());
      double kept = gate * before[i];
      double added = scalar * (1 - gate) * 0.25;
      // Five roundings, each relative to a term of this size at most.
      double tolerance = 5 * cases.epsilon() * (Math.abs(kept) + Math.abs(added) + 1);
      double actual = c.get(i / c.cols(), i % c.cols());
      Cases.assertClose("element " + i, kept + added, actual, tolerance);
    }
    Cases.assertNeighboursUntouched("c", c);
  }

  @Test
  void run_operandTwice_readsAndWritesInPlace() {
    Pointwise.Builder builder = Pointwise.builder();
    Slot x = builder.operand();
    Slot target = builder.operand();
    builder.emit(Op.ADD, target, x, target);
    PointwiseKernel kernel = kernels.prepare(builder.build());
    Matrix matrix = cases.matrix(3, 37);
    double[] before = Cases.values(matrix);
    kernel.run(new Matrix[] {matrix, matrix});
    double[] after = Cases.values(matrix);
    for (int i = 0; i < before.length; i++) {
      assertEquals(2 * before[i], after[i], "element " + i);
    }
  }

  /// What has been read of a matrix is read again after it was written under another name.
  @Test
  void run_operandWrittenUnderAnotherName_isReadAgain() {
    Pointwise.Builder builder = Pointwise.builder();
    Slot x = builder.operand();
    Slot sameAsX = builder.operand();
    Slot target = builder.operand();
    Slot before = builder.compute(Op.ADD, x, x);
    builder.emit(Op.NEGATE, sameAsX, before, before);
    builder.emit(Op.SUBTRACT, target, before, x);
    PointwiseKernel kernel = kernels.prepare(builder.build());
    Matrix matrix = cases.matrix(3, 37);
    Matrix result = cases.matrix(3, 37);
    double[] values = Cases.values(matrix);
    kernel.run(new Matrix[] {matrix, matrix, result});
    for (int i = 0; i < values.length; i++) {
      assertEquals(4 * values[i], Cases.values(result)[i], "element " + i);
    }
  }

  @Test
  void run_nothing_doesNothing() {
    Pointwise.Builder builder = Pointwise.builder();
    Slot x = builder.operand();
    builder.emit(Op.NEGATE, x, x, x);
    PointwiseKernel kernel = kernels.prepare(builder.build());
    for (int[] shape : new int[][] {{0, 3}, {3, 0}}) {
      Matrix matrix = cases.matrix(shape[0], shape[1]);
      kernel.run(new Matrix[] {matrix});
      Cases.assertNeighboursUntouched(matrix.toString(), matrix);
    }
  }

  @Test
  void sum_everySize_isThatOfTheRow() {
    PointwiseKernel sum = kernels.prepare(sumProgram());
    for (int cols : COLS) {
      int rows = cases.oneOf(ROWS);
      for (Matrix x : List.of(cases.matrix(rows, cols), cases.dense(rows, cols))) {
        for (Matrix sums : List.of(cases.matrix(rows, 1), cases.dense(rows, 1))) {
          sum.run(new Matrix[] {x, sums});
          assertSums(x, sums);
        }
      }
      Matrix repeated = cases.repeated(rows, cols);
      Matrix sums = cases.dense(rows, 1);
      sum.run(new Matrix[] {repeated, sums});
      assertSums(repeated, sums);
    }
  }

  private static Pointwise sumProgram() {
    Pointwise.Builder builder = Pointwise.builder();
    Slot x = builder.operand();
    return builder.emit(Op.SUM, builder.column(), x, x).build();
  }

  private void assertSums(Matrix x, Matrix sums) {
    for (int r = 0; r < x.rows(); r++) {
      double sum = 0;
      double magnitude = 0;
      for (int c = 0; c < x.cols(); c++) {
        sum += x.get(r, c);
        magnitude += Math.abs(x.get(r, c));
      }
      // Each of the additions rounds a partial sum, and their errors are as often up as down.
      double tolerance = 4 * cases.epsilon() * Math.sqrt(x.cols()) * magnitude;
      Cases.assertClose("row " + r + " of " + x, sum, sums.get(r, 0), tolerance);
    }
    Cases.assertNeighboursUntouched("sums of " + x, sums);
  }

  @Test
  void sum_anyPlaceAndLayout_sameBits() {
    PointwiseKernel sum = kernels.prepare(sumProgram());
    for (int cols : COLS) {
      Matrix x = cases.matrix(9, cols);
      Matrix expected = cases.dense(9, 1);
      sum.run(new Matrix[] {x, expected});
      for (int from = 0; from < 9; from++) {
        int rows = 1 + cases.below(9 - from);
        Matrix part = cases.below(2) == 0 ? cases.dense(rows, cols) : cases.matrix(rows, cols);
        run(Op.COPY, x.rows(from, rows), part);
        Matrix sums = cases.below(2) == 0 ? cases.dense(rows, 1) : cases.matrix(rows, 1);
        sum.run(new Matrix[] {part, sums});
        assertArrayEquals(
            Cases.values(expected.rows(from, rows)),
            Cases.values(sums),
            rows + " rows of " + cols + " from " + from);
      }
    }
  }

  @Test
  void sumOfRows_everySize_isThatOfTheColumns() {
    PointwiseKernel sum = kernels.prepare(sumOfRowsProgram());
    for (int cols : COLS) {
      int rows = cases.oneOf(ROWS);
      for (Matrix x :
          List.of(cases.matrix(rows, cols), cases.dense(rows, cols), cases.repeated(rows, cols))) {
        Matrix sums = cases.matrix(1, cols);
        sum.run(new Matrix[] {x, sums});
        for (int c = 0; c < cols; c++) {
          double expected = 0;
          double magnitude = 0;
          for (int r = 0; r < rows; r++) {
            expected += x.get(r, c);
            magnitude += Math.abs(x.get(r, c));
          }
          double tolerance = 4 * cases.epsilon() * Math.sqrt(rows) * magnitude;
          Cases.assertClose("column " + c + " of " + x, expected, sums.get(0, c), tolerance);
        }
        Cases.assertNeighboursUntouched("sums of " + x, sums);
      }
    }
  }

  private static Pointwise sumOfRowsProgram() {
    Pointwise.Builder builder = Pointwise.builder();
    Slot x = builder.operand();
    return builder.emit(Op.SUM, builder.row(), x, x).build();
  }

  @Test
  void sumOfRows_anyPlaceAndLayout_sameBits() {
    PointwiseKernel sum = kernels.prepare(sumOfRowsProgram());
    for (int cols : COLS) {
      int rows = 1 + cases.below(70);
      Matrix x = cases.matrix(rows, cols);
      Matrix expected = cases.dense(1, cols);
      sum.run(new Matrix[] {x, expected});
      int from = cases.below(cols);
      int count = 1 + cases.below(cols - from);
      Matrix sums = cases.matrix(1, count);
      sum.run(new Matrix[] {x.columns(from, count), sums});
      assertArrayEquals(
          Cases.values(expected.columns(from, count)),
          Cases.values(sums),
          count + " columns of " + cols + " from " + from + ", " + rows + " rows");
    }
  }

  /// What a matrix' gradient asks for at once: its product with a column and with a row, and it is written too.
  @Test
  void run_sumsBothWaysInOneProgram_areThoseOfEachAlone() {
    Pointwise.Builder builder = Pointwise.builder();
    Slot x = builder.operand();
    Slot v = builder.column();
    Slot k = builder.operand();
    Slot ofRows = builder.row();
    Slot ofColumns = builder.column();
    Slot spread = builder.compute(Op.SPREAD, v);
    Slot scaled = builder.compute(Op.MULTIPLY, x, spread);
    builder.emit(Op.SUM, ofRows, scaled, scaled);
    Slot read = builder.compute(Op.MULTIPLY, x, k);
    builder.emit(Op.SUM, ofColumns, read, read);
    builder.emit(Op.ADD, x, scaled, read);
    PointwiseKernel kernel = kernels.prepare(builder.build());
    for (int cols : COLS) {
      int rows = cases.oneOf(ROWS);
      Matrix matrix = cases.matrix(rows, cols);
      Matrix column = cases.dense(rows, 1);
      Matrix row = cases.repeated(rows, cols);
      double[] before = Cases.values(matrix);
      Matrix sumOfRows = cases.dense(1, cols);
      Matrix sumOfColumns = cases.dense(rows, 1);
      kernel.run(new Matrix[] {matrix, column, row, sumOfRows, sumOfColumns});
      double tolerance = 16 * cases.epsilon() * Math.sqrt((double) rows * cols) * 100;
      for (int c = 0; c < cols; c++) {
        double sum = 0;
        for (int r = 0; r < rows; r++) {
          sum += before[r * cols + c] * column.get(r, 0);
        }
        Cases.assertClose("column " + c, sum, sumOfRows.get(0, c), tolerance);
      }
      for (int r = 0; r < rows; r++) {
        double sum = 0;
        for (int c = 0; c < cols; c++) {
          double x0 = before[r * cols + c];
          sum += x0 * row.get(r, c);
          double whole = x0 * column.get(r, 0) + x0 * row.get(r, c);
          Cases.assertClose("element " + r + ", " + c, whole, matrix.get(r, c), tolerance);
        }
        Cases.assertClose("row " + r, sum, sumOfColumns.get(r, 0), tolerance);
      }
    }
  }

  @Test
  void spread_everySize_fillsTheRows() {
    Pointwise.Builder builder = Pointwise.builder();
    Slot number = builder.column();
    builder.emit(Op.SPREAD, builder.operand(), number, number);
    PointwiseKernel spread = kernels.prepare(builder.build());
    for (int cols : COLS) {
      int rows = cases.oneOf(ROWS);
      List<Matrix> columns =
          List.of(cases.matrix(rows, 1), cases.dense(rows, 1), cases.repeated(rows, 1));
      for (Matrix numbers : columns) {
        for (Matrix target : List.of(cases.matrix(rows, cols), cases.dense(rows, cols))) {
          spread.run(new Matrix[] {numbers, target});
          for (int r = 0; r < rows; r++) {
            for (int c = 0; c < cols; c++) {
              assertEquals(numbers.get(r, 0), target.get(r, c), target + " row " + r);
            }
          }
          Cases.assertNeighboursUntouched("spread", target);
        }
      }
    }
  }

  /// y = (x - mean(x)) / s sqrt(mean(x x) + 0.5) and m = m + mean(x): sums, numbers of rows that are read,
  /// written and temporary, and elements in one program.
  @Test
  void run_programOfRowsAndElements_isTheFormula() {
    for (int cols : COLS) {
      PointwiseKernel kernel = kernels.prepare(standardised(cols));
      for (int rows : new int[] {1, 5, 40}) {
        checkRows(kernel, cases.matrix(rows, cols), cases.dense(rows, 1), cases.dense(rows, cols));
        checkRows(kernel, cases.dense(rows, cols), cases.matrix(rows, 1), cases.matrix(rows, cols));
      }
    }
  }

  private static Pointwise standardised(int cols) {
    Pointwise.Builder builder = Pointwise.builder();
    Slot m = builder.column();
    Slot x = builder.operand();
    Slot y = builder.operand();
    Slot scale = builder.scalar();
    Slot inverse = builder.constant(1.0 / cols);
    Slot mean = builder.rowTemporary();
    builder.emit(Op.SUM, mean, x, x);
    builder.emit(Op.MULTIPLY, mean, mean, inverse);
    builder.emit(Op.ADD, m, m, mean);
    Slot square = builder.compute(Op.MULTIPLY, x, x);
    Slot size = builder.rowTemporary();
    builder.emit(Op.SUM, size, square, square);
    builder.emit(Op.MULTIPLY, size, size, inverse);
    builder.emit(Op.ADD, size, size, builder.constant(0.5));
    builder.emit(Op.SQRT, size, size, size);
    builder.emit(Op.DIVIDE, size, size, scale);
    builder.emit(Op.SPREAD, y, mean, mean);
    builder.emit(Op.SUBTRACT, square, x, y);
    builder.emit(Op.SPREAD, y, size, size);
    builder.emit(Op.MULTIPLY, y, y, square);
    return builder.build();
  }

  private void checkRows(PointwiseKernel kernel, Matrix x, Matrix m, Matrix y) {
    double[] before = Cases.values(m);
    kernel.run(new Matrix[] {m, x, y}, 2);
    for (int r = 0; r < x.rows(); r++) {
      double sum = 0;
      double squares = 0;
      double magnitude = 0;
      for (int c = 0; c < x.cols(); c++) {
        sum += x.get(r, c);
        squares += x.get(r, c) * x.get(r, c);
        magnitude += Math.abs(x.get(r, c));
      }
      double mean = sum / x.cols();
      double factor = Math.sqrt(squares / x.cols() + 0.5) / 2;
      // The sums' errors as above, and some roundings of single operations.
      double error = cases.epsilon() * (4 * Math.sqrt(x.cols()) + 8);
      double meanError = error * (magnitude / x.cols() + 1);
      Cases.assertClose(
          "mean", before[r] + mean, m.get(r, 0), meanError * (1 + Math.abs(before[r])));
      for (int c = 0; c < x.cols(); c++) {
        double expected = (x.get(r, c) - mean) * factor;
        double tolerance = factor * (meanError + error * (Math.abs(x.get(r, c)) + Math.abs(mean)));
        Cases.assertClose("element " + r + ", " + c, expected, y.get(r, c), tolerance);
      }
    }
    Cases.assertNeighboursUntouched("m", m);
    Cases.assertNeighboursUntouched("y", y);
  }
}
