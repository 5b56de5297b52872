package dev.unfold.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.work.Team;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What the products of every backend must do.
public abstract class ProductContract {
  private static final int[] ROWS = {1, 2, 3, 4, 5, 7, 8, 9, 13, 17, 31, 129};
  private static final int[] COLS = {
    1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 47, 48, 49, 65, 127, 257
  };
  private static final int[] DEPTHS = {1, 2, 7, 31, 127, 255, 256, 257, 600};

  private final Kernels kernels;
  private final Cases cases;

  /// The contract of `kernels`.
  protected ProductContract(Kernels kernels) {
    this.kernels = kernels;
    cases = new Cases(kernels.precision());
  }

  @Test
  void multiply_awkwardSizes_isTheProduct() {
    for (int m : ROWS) {
      for (int n : COLS) {
        checkProduct(m, n, cases.oneOf(DEPTHS), Base.NOTHING);
      }
    }
  }

  @Test
  void multiply_ontoABase_addsTheProduct() {
    for (int m : ROWS) {
      for (int k : DEPTHS) {
        for (Base base : Base.values()) {
          checkProduct(m, cases.oneOf(COLS), k, base);
        }
      }
    }
  }

  /// What a product is added to.
  private enum Base {
    NOTHING,
    TARGET,
    ROW,
    OTHER
  }

  private Matrix base(Base base, Matrix c) {
    return switch (base) {
      case NOTHING -> null;
      case TARGET -> c;
      case ROW -> cases.repeated(c.rows(), c.cols());
      case OTHER -> cases.matrix(c.rows(), c.cols());
    };
  }

  private void checkProduct(int m, int n, int k, Base base) {
    Matrix a = cases.below(4) == 0 ? cases.repeated(m, k) : cases.matrix(m, k);
    Matrix b = cases.matrix(k, n);
    Matrix c = cases.matrix(m, n);
    Matrix onto = base(base, c);
    double[] before = onto == null ? new double[m * n] : Cases.values(onto);
    PackedMatrix packed = kernels.allocatePacked(k, n);
    kernels.pack(b, packed);
    kernels.multiply(a, new Factor(packed, onto, c));
    String what = "[" + m + ", " + k + "] x [" + k + ", " + n + "] onto " + base;
    double[] left = Cases.values(a);
    double[] right = Cases.values(b);
    double[] terms = new double[k + 1];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        for (int p = 0; p < k; p++) {
          terms[p] = left[i * k + p] * right[p * n + j];
        }
        terms[k] = before[i * n + j];
        checkSum(what + " (" + i + ", " + j + ")", terms, c.get(i, j));
      }
    }
    Cases.assertNeighboursUntouched(what, c);
  }

  /// A sum of n terms rounds n times, each time by epsilon of the sum so far at most, in directions that
  /// behave like chance: epsilon sqrt(n) times the sum of the terms' sizes, and 4 to be safe. A product
  /// that underflows loses up to the smallest number.
  private void checkSum(String what, double[] terms, double actual) {
    double sum = 0;
    double size = 0;
    for (double term : terms) {
      sum += term;
      size += Math.abs(term);
    }
    double n = terms.length;
    double tolerance = 4 * cases.epsilon() * Math.sqrt(n) * size + n * cases.smallest();
    Cases.assertClose(what, sum, actual, tolerance);
  }

  @Test
  void packTransposed_awkwardSizes_isPackOfTheTranspose() {
    for (int k : ROWS) {
      for (int n : COLS) {
        Matrix source = cases.matrix(n, k);
        Matrix transpose = cases.matrix(k, n);
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < k; j++) {
            transpose.set(j, i, source.get(i, j));
          }
        }
        PackedMatrix packed = kernels.allocatePacked(k, n);
        kernels.packTransposed(source, packed);
        Matrix a = cases.matrix(2, k);
        assertArrayEquals(
            product(a, transpose), product(a, packed), "packed [" + k + ", " + n + "]");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  void multiply_everyFormat_isTheProductWithTheRoundedMatrix(WeightFormat format) {
    for (int m : ROWS) {
      for (int k : DEPTHS) {
        Matrix source = cases.matrix(cases.oneOf(COLS), k);
        int n = source.rows();
        PackedMatrix packed = kernels.allocatePacked(k, n, format);
        kernels.packTransposed(source, packed);
        assertEquals(format, packed.format());
        Matrix rounded = copy(source);
        format.round(rounded);
        PackedMatrix plain = kernels.allocatePacked(k, n);
        kernels.packTransposed(rounded, plain);
        Matrix a = cases.matrix(m, k);
        for (Base base : Base.values()) {
          Matrix c = cases.matrix(m, n);
          Matrix expected = copy(c);
          Matrix onto = base(base, c);
          kernels.multiply(a, new Factor(plain, base == Base.TARGET ? expected : onto, expected));
          kernels.multiply(a, new Factor(packed, onto, c));
          String what = "[" + m + ", " + k + "] x [" + k + ", " + n + "] onto " + base;
          assertArrayEquals(Cases.values(expected), Cases.values(c), what);
          Cases.assertNeighboursUntouched(what, c);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  void multiply_columnsOfEveryFormat_isThatPartOfTheProduct(WeightFormat format) {
    int from = 2 * kernels.alignment();
    Matrix source = cases.matrix(from + 37, 531);
    PackedMatrix packed = kernels.allocatePacked(531, source.rows(), format);
    kernels.packTransposed(source, packed);
    PackedMatrix part = kernels.allocatePacked(531, 37, format);
    kernels.packTransposed(source.rows(from, 37), part);
    Matrix a = cases.matrix(9, 531);
    assertArrayEquals(product(a, part), product(a, packed.columns(from, 37)));
  }

  @Test
  void pack_twice_leavesNothingOfTheFirst() {
    Matrix a = cases.matrix(5, 40);
    PackedMatrix packed = kernels.allocatePacked(40, 21);
    kernels.pack(cases.matrix(40, 21), packed);
    Matrix b = cases.matrix(40, 21);
    kernels.pack(b, packed);
    assertArrayEquals(product(a, b), product(a, packed));
  }

  @Test
  void multiplyTransposedAdd_awkwardSizes_addsTheProduct() {
    for (int m : ROWS) {
      for (int n : COLS) {
        int rows = cases.oneOf(DEPTHS);
        Matrix a = cases.matrix(rows, m);
        Matrix b = cases.below(4) == 0 ? cases.repeated(rows, n) : cases.matrix(rows, n);
        checkTransposed(a, b);
      }
    }
  }

  @Test
  void multiplyTransposedAdd_manyColumns_addsTheProduct() {
    checkTransposed(cases.matrix(3, 1100), cases.matrix(3, 50));
  }

  private void checkTransposed(Matrix a, Matrix b) {
    int rows = a.rows();
    Matrix c = cases.matrix(a.cols(), b.cols());
    double[] before = Cases.values(c);
    kernels.multiplyTransposedAdd(a, b, c);
    String what = "[" + rows + ", " + a.cols() + "]^T x [" + rows + ", " + b.cols() + "]";
    double[] left = Cases.values(a);
    double[] right = Cases.values(b);
    double[] terms = new double[rows + 1];
    for (int i = 0; i < c.rows(); i++) {
      for (int j = 0; j < c.cols(); j++) {
        for (int r = 0; r < rows; r++) {
          terms[r] = left[r * a.cols() + i] * right[r * b.cols() + j];
        }
        terms[rows] = before[i * c.cols() + j];
        checkSum(what + " (" + i + ", " + j + ")", terms, c.get(i, j));
      }
    }
    Cases.assertNeighboursUntouched(what, c);
  }

  @Test
  void multiply_anyRowsAtATime_sameBits() {
    Matrix a = cases.matrix(37, 530);
    PackedMatrix b = kernels.allocatePacked(530, 131);
    kernels.pack(cases.matrix(530, 131), b);
    Matrix whole = cases.matrix(37, 131);
    kernels.multiply(a, Factor.of(b, whole));
    for (int count = 1; count <= 37; count++) {
      for (int from = 0; from + count <= 37; from += 5) {
        Matrix part = cases.matrix(count, 131);
        kernels.multiply(a.rows(from, count), Factor.of(b, part));
        String what = count + " rows from " + from;
        assertArrayEquals(Cases.values(whole.rows(from, count)), Cases.values(part), what);
      }
    }
  }

  @Test
  void multiply_anyColumnsAtATime_sameBits() {
    Matrix a = cases.matrix(21, 530);
    Matrix b = cases.matrix(530, 131);
    Matrix whole = cases.matrix(21, 131);
    PackedMatrix packed = kernels.allocatePacked(530, 131);
    kernels.pack(b, packed);
    kernels.multiply(a, Factor.of(packed, whole));
    for (int count = 1; count <= 131; count++) {
      int from = cases.below(131 - count + 1);
      assertArrayEquals(
          Cases.values(whole.columns(from, count)),
          product(a, b.columns(from, count)),
          count + " columns from " + from);
    }
  }

  @Test
  void multiply_windowsOnPackedColumns_sameBits() {
    int unit = kernels.alignment();
    int cols = 5 * unit + 3;
    Matrix a = cases.matrix(21, 530);
    PackedMatrix packed = kernels.allocatePacked(530, cols);
    kernels.pack(cases.matrix(530, cols), packed);
    Matrix whole = cases.matrix(21, cols);
    kernels.multiply(a, Factor.of(packed, whole));
    for (int from = 0; from < cols; from += unit) {
      for (int count = 1; count <= cols - from; count++) {
        Matrix part = cases.matrix(21, count);
        kernels.multiply(a, Factor.of(packed.columns(from, count), part));
        assertArrayEquals(
            Cases.values(whole.columns(from, count)),
            Cases.values(part),
            count + " columns from " + from);
        Cases.assertNeighboursUntouched(count + " columns from " + from, part);
      }
    }
  }

  @Test
  void multiply_severalFactors_eachAsAlone() {
    Matrix a = cases.matrix(19, 530);
    Factor[] together = new Factor[3];
    Factor[] alone = new Factor[3];
    for (int i = 0; i < together.length; i++) {
      PackedMatrix packed = kernels.allocatePacked(530, 20 + i);
      kernels.pack(cases.matrix(530, 20 + i), packed);
      Matrix onto = i == 1 ? null : cases.matrix(19, 20 + i);
      together[i] = new Factor(packed, onto, cases.matrix(19, 20 + i));
      alone[i] = new Factor(packed, onto, cases.matrix(19, 20 + i));
      kernels.multiply(a, alone[i]);
    }
    kernels.multiply(a, together);
    for (int i = 0; i < together.length; i++) {
      assertArrayEquals(
          Cases.values(alone[i].target()), Cases.values(together[i].target()), "factor " + i);
    }
  }

  @Test
  void columns_notInTheMatrix_areRejected() {
    PackedMatrix packed = kernels.allocatePacked(3, 40);
    assertThrows(IllegalArgumentException.class, () -> packed.columns(-1, 1));
    assertThrows(IllegalArgumentException.class, () -> packed.columns(32, 9));
    if (kernels.alignment() > 1) {
      assertThrows(IllegalArgumentException.class, () -> packed.columns(1, 1));
    }
  }

  @Test
  void multiplyTransposedAdd_anyPartOfTheResult_sameBits() {
    Matrix a = cases.matrix(530, 70);
    Matrix b = cases.matrix(530, 131);
    Matrix start = cases.matrix(70, 131);
    Matrix whole = copy(start);
    kernels.multiplyTransposedAdd(a, b, whole);
    for (int round = 0; round < 100; round++) {
      int rows = 1 + cases.below(70);
      int row = cases.below(70 - rows + 1);
      int cols = 1 + cases.below(131);
      int col = cases.below(131 - cols + 1);
      Matrix part = copy(start.rows(row, rows).columns(col, cols));
      kernels.multiplyTransposedAdd(a.columns(row, rows), b.columns(col, cols), part);
      assertArrayEquals(
          Cases.values(whole.rows(row, rows).columns(col, cols)),
          Cases.values(part),
          rows + " rows from " + row + ", " + cols + " columns from " + col);
    }
  }

  @Test
  void multiply_bySeveralThreads_sameBits() {
    Matrix a = cases.matrix(64, 300);
    PackedMatrix b = kernels.allocatePacked(300, 96);
    kernels.pack(cases.matrix(300, 96), b);
    Matrix expected = cases.matrix(64, 96);
    kernels.multiply(a, Factor.of(b, expected));
    for (int size = 1; size <= 4; size++) {
      Matrix c = cases.matrix(64, 96);
      Team.of(size)
          .run((part, parts) -> {
            int from = Team.from(64, part, parts);
            int count = Team.from(64, part + 1, parts) - from;
            kernels.multiply(a.rows(from, count), Factor.of(b, c.rows(from, count)));
          });
      assertArrayEquals(Cases.values(expected), Cases.values(c), size + " threads");
      Cases.assertNeighboursUntouched(size + " threads", c);
    }
  }

  @Test
  void multiply_extremeNumbers_isTheProduct() {
    // The products of the largest stay finite, those of the smallest underflow to 0.
    for (double scale : new double[] {0, 1e-42, 1e-20, 1e15}) {
      Matrix a = cases.matrix(9, 33);
      Matrix b = cases.matrix(33, 35);
      cases.fill(a, scale);
      cases.fill(b, scale);
      double[] c = product(a, b);
      for (int i = 0; i < 9; i++) {
        for (int j = 0; j < 35; j++) {
          double[] terms = new double[33];
          for (int p = 0; p < 33; p++) {
            terms[p] = a.get(i, p) * b.get(p, j);
          }
          checkSum("scale " + scale, terms, c[i * 35 + j]);
        }
      }
    }
  }

  @Test
  void multiply_nanInOneRow_staysInThatRow() {
    Matrix a = cases.matrix(13, 20);
    Matrix b = cases.matrix(20, 35);
    double[] expected = product(a, b);
    a.set(5, 3, Double.NaN);
    double[] actual = product(a, b);
    for (int i = 0; i < actual.length; i++) {
      if (i / 35 == 5) {
        assertTrue(Double.isNaN(actual[i]), "element " + i);
      } else {
        assertEquals(expected[i], actual[i], "element " + i);
      }
    }
  }

  @Test
  void multiply_noRows_doesNothing() {
    PackedMatrix b = kernels.allocatePacked(3, 4);
    Matrix c = cases.matrix(0, 4);
    kernels.multiply(cases.matrix(0, 3), Factor.of(b, c));
    Cases.assertNeighboursUntouched("no rows", c);
  }

  @Test
  void multiplyAdds_rounds_countsTheirOperations() {
    long once = kernels.multiplyAdds(1_000);
    assertTrue(once > 0, "operations of 1000 rounds: " + once);
    assertEquals(2 * once, kernels.multiplyAdds(2_000));
  }

  private double[] product(Matrix a, Matrix b) {
    PackedMatrix packed = kernels.allocatePacked(b.rows(), b.cols());
    kernels.pack(b, packed);
    return product(a, packed);
  }

  private double[] product(Matrix a, PackedMatrix b) {
    Matrix c = cases.matrix(a.rows(), b.cols());
    kernels.multiply(a, Factor.of(b, c));
    return Cases.values(c);
  }

  private Matrix copy(Matrix source) {
    Matrix copy = cases.matrix(source.rows(), source.cols());
    for (int r = 0; r < source.rows(); r++) {
      for (int c = 0; c < source.cols(); c++) {
        copy.set(r, c, source.get(r, c));
      }
    }
    return copy;
  }
}
