package dev.unfold.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unfold.kernels.storage.Matrix;
import org.junit.jupiter.api.Test;

/// What the sums over rows and the copies of rows of every backend must do.
public abstract class RowsContract {
  private static final int[] ROWS = {1, 2, 7, 63, 64, 65, 200};
  private static final int[] COLS = {1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 127, 257};

  private final Kernels kernels;
  private final Cases cases;

  /// The contract of `kernels`.
  protected RowsContract(Kernels kernels) {
    this.kernels = kernels;
    cases = new Cases(kernels.precision());
  }

  @Test
  void sumRowsAdd_awkwardSizes_addsTheSums() {
    for (int rows : ROWS) {
      for (int cols : COLS) {
        Matrix source = cases.below(4) == 0 ? cases.repeated(rows, cols) : cases.matrix(rows, cols);
        Matrix target = cases.matrix(1, cols);
        double[] before = Cases.values(target);
        kernels.sumRowsAdd(source, target);
        for (int c = 0; c < cols; c++) {
          double sum = before[c];
          double size = Math.abs(before[c]);
          for (int r = 0; r < rows; r++) {
            sum += source.get(r, c);
            size += Math.abs(source.get(r, c));
          }
          // As many roundings as terms, each relative to the size of the sum. In a repeated row
          // they all
          // go the same way, so they do not cancel; the expected sum is rounded as often.
          double tolerance = 2 * cases.epsilon() * (rows + 1.0) * size;
          Cases.assertClose("column " + c, sum, target.get(0, c), tolerance);
        }
        Cases.assertNeighboursUntouched("target", target);
      }
    }
  }

  @Test
  void sumRowsAdd_severalTargets_addsTheSumsToEach() {
    for (int rows : ROWS) {
      for (int cols : COLS) {
        Matrix source = cases.matrix(rows, cols);
        Matrix[] targets = new Matrix[1 + cases.below(4)];
        double[][] expected = new double[targets.length][];
        for (int i = 0; i < targets.length; i++) {
          targets[i] = cases.matrix(1, cols);
          Matrix alone = copy(targets[i]);
          kernels.sumRowsAdd(source, alone);
          expected[i] = Cases.values(alone);
        }
        kernels.sumRowsAdd(source, targets);
        for (int i = 0; i < targets.length; i++) {
          String what = "target " + i + " of " + targets.length + ", " + rows + " x " + cols;
          assertArrayEquals(expected[i], Cases.values(targets[i]), what);
          Cases.assertNeighboursUntouched(what, targets[i]);
        }
      }
    }
  }

  private Matrix copy(Matrix row) {
    Matrix copy = cases.matrix(1, row.cols());
    for (int c = 0; c < row.cols(); c++) {
      copy.set(0, c, row.get(0, c));
    }
    return copy;
  }

  @Test
  void sumRowsAdd_anyColumnsAtATime_sameBits() {
    Matrix source = cases.matrix(150, 70);
    Matrix start = cases.matrix(1, 70);
    double[] before = Cases.values(start);
    kernels.sumRowsAdd(source, start);
    for (int cols = 1; cols <= 70; cols++) {
      int from = cases.below(70 - cols + 1);
      Matrix part = cases.matrix(1, cols);
      for (int c = 0; c < cols; c++) {
        part.set(0, c, before[from + c]);
      }
      kernels.sumRowsAdd(source.columns(from, cols), part);
      String what = cols + " columns from " + from;
      assertArrayEquals(Cases.values(start.columns(from, cols)), Cases.values(part), what);
    }
  }

  @Test
  void gather_awkwardSizes_copiesRows() {
    for (int rows : ROWS) {
      for (int cols : COLS) {
        Matrix table = cases.matrix(11, cols);
        Matrix target = cases.matrix(rows, cols);
        int[] indices = cases.indices(3, rows, 11);
        kernels.gather(table, indices, 3, target);
        for (int r = 0; r < rows; r++) {
          for (int c = 0; c < cols; c++) {
            assertEquals(table.get(indices[3 + r], c), target.get(r, c), "row " + r);
          }
        }
        Cases.assertNeighboursUntouched("target", target);
      }
    }
  }

  @Test
  void scatterAdd_indicesThatRepeat_addsEveryRow() {
    for (int rows : ROWS) {
      for (int cols : COLS) {
        Matrix source = cases.below(4) == 0 ? cases.repeated(rows, cols) : cases.matrix(rows, cols);
        Matrix table = cases.matrix(5, cols);
        int[] indices = cases.indices(2, rows, 5);
        double[] sums = Cases.values(table);
        double[] sizes = Cases.values(table);
        for (int r = 0; r < rows; r++) {
          for (int c = 0; c < cols; c++) {
            sums[indices[2 + r] * cols + c] += source.get(r, c);
            sizes[indices[2 + r] * cols + c] += Math.abs(source.get(r, c));
          }
        }
        kernels.scatterAdd(source, indices, 2, table);
        for (int i = 0; i < sums.length; i++) {
          // A rounding for each row, relative to the size of the sum, as if by chance.
          double tolerance = 4 * cases.epsilon() * Math.sqrt(rows) * (Math.abs(sizes[i]) + rows);
          Cases.assertClose("element " + i, sums[i], table.get(i / cols, i % cols), tolerance);
        }
        Cases.assertNeighboursUntouched("table", table);
      }
    }
  }

  @Test
  void sumOfSquares_awkwardSizes_isTheSum() {
    for (int rows : ROWS) {
      for (int cols : COLS) {
        Matrix source = cases.below(4) == 0 ? cases.repeated(rows, cols) : cases.matrix(rows, cols);
        double sum = 0;
        for (double value : Cases.values(source)) {
          sum += value * value;
        }
        // All terms are positive and added in double; as rows repeat, the roundings may all go one
        // way.
        double tolerance = 0x1p-53 * rows * cols * sum;
        Cases.assertClose("sum", sum, kernels.sumOfSquares(source), tolerance);
      }
    }
  }

  @Test
  void sumOfProducts_awkwardSizes_isTheSum() {
    for (int rows : ROWS) {
      for (int cols : COLS) {
        Matrix a = cases.below(4) == 0 ? cases.repeated(rows, cols) : cases.matrix(rows, cols);
        Matrix b = cases.matrix(rows, cols);
        double[] left = Cases.values(a);
        double[] right = Cases.values(b);
        double sum = 0;
        double size = 0;
        for (int i = 0; i < left.length; i++) {
          sum += left[i] * right[i];
          size += Math.abs(left[i] * right[i]);
        }
        double tolerance = 0x1p-53 * rows * cols * size;
        Cases.assertClose("sum", sum, kernels.sumOfProducts(a, b), tolerance);
      }
    }
  }

  @Test
  void sumOfSquares_largeNumbers_doesNotOverflow() {
    Matrix source = cases.matrix(1, 37);
    for (int c = 0; c < 37; c++) {
      source.set(0, c, 1e30);
    }
    double square = source.get(0, 0) * source.get(0, 0);
    assertEquals(37 * square, kernels.sumOfSquares(source), 1e-10 * square);
  }
}
