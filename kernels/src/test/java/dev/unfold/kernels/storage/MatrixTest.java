package dev.unfold.kernels.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.kernels.Cases;
import org.junit.jupiter.api.Test;

class MatrixTest {
  private final HostBuffer buffer =
      HostBuffer.of(ElementType.FLOAT64, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);

  @Test
  void get_withOffsetAndStride_findsTheElement() {
    Matrix matrix = Matrix.of(buffer, 1, 2, 3, 5);
    assertArrayEquals(new double[] {1, 2, 3, 6, 7, 8}, Cases.values(matrix));
  }

  @Test
  void repeated_row_isSeenInEveryRow() {
    Matrix matrix = Matrix.repeated(buffer, 4, 3, 2);
    assertArrayEquals(new double[] {4, 5, 4, 5, 4, 5}, Cases.values(matrix));
  }

  @Test
  void rowsAndColumns_ofAWindow_areWindowsOfTheSameBuffer() {
    Matrix matrix = Matrix.of(buffer, 0, 3, 3);
    assertArrayEquals(new double[] {4, 5, 7, 8}, Cases.values(matrix.rows(1, 2).columns(1, 2)));
    matrix.rows(1, 2).columns(1, 2).set(0, 0, -1);
    assertEquals(-1, buffer.get(4));
  }

  @Test
  void row_ofAWindow_isACopyOfItsNumbers() {
    Matrix matrix = Matrix.of(buffer, 1, 2, 3, 5);
    double[] row = matrix.row(1);
    row[0] = -1;
    assertArrayEquals(new double[] {6, 7, 8}, matrix.row(1));
  }

  @Test
  void moveTo_anotherPlace_slidesTheWindow() {
    Matrix matrix = Matrix.of(buffer, 0, 2, 2);
    assertSame(matrix, matrix.moveTo(6));
    assertArrayEquals(new double[] {6, 7, 8, 9}, Cases.values(matrix));
  }

  @Test
  void window_thatLeavesItsBuffer_throws() {
    assertThrows(IndexOutOfBoundsException.class, () -> Matrix.of(buffer, 1, 2, 5));
    assertThrows(IndexOutOfBoundsException.class, () -> Matrix.of(buffer, -1, 1, 1));
    Matrix matrix = Matrix.of(buffer, 0, 2, 5);
    assertThrows(IndexOutOfBoundsException.class, () -> matrix.moveTo(1));
    assertThrows(IndexOutOfBoundsException.class, () -> matrix.rows(1, 2));
    assertEquals(0, matrix.offset(), "a move that fails leaves the window where it was");
  }

  @Test
  void window_withWrongShape_namesIt() {
    var stride = assertThrows(IllegalArgumentException.class, () -> Matrix.of(buffer, 0, 2, 3, 2));
    assertEquals("stride: expected 0 or at least cols = 3, got 2", stride.getMessage());
    var rows = assertThrows(IllegalArgumentException.class, () -> Matrix.of(buffer, 0, -1, 3));
    assertEquals("rows x cols: expected 0 or more, got -1 x 3", rows.getMessage());
  }

  @Test
  void window_withoutElements_fitsAnyPlace() {
    assertEquals(0, Matrix.of(buffer, 10, 0, 100).rows());
  }

  /// The end of such a window wraps around to a negative number.
  @Test
  void window_atTheLargestOffsets_throws() {
    for (long offset : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 3, Long.MIN_VALUE}) {
      assertThrows(IndexOutOfBoundsException.class, () -> Matrix.of(buffer, offset, 1, 4));
      Matrix matrix = Matrix.of(buffer, 0, 2, 2);
      assertThrows(IndexOutOfBoundsException.class, () -> matrix.moveTo(offset));
    }
    int most = Integer.MAX_VALUE;
    assertThrows(IndexOutOfBoundsException.class, () -> Matrix.of(buffer, 0, most, most, most));
  }

  @Test
  void rows_ofNumbers_areCopied() {
    float[][] rows = {{1, 2, 3}, {4, 5, 6}};
    Matrix matrix = Matrix.of(rows);
    rows[0][0] = 9;
    assertEquals(1, matrix.get(0, 0));
    assertEquals(6, matrix.get(1, 2));
    assertEquals(
        "rows[1]: expected 1 numbers, as in the first, got 2",
        assertThrows(
                IllegalArgumentException.class,
                () -> Matrix.of(new float[] {1}, new float[] {1, 2}))
            .getMessage());
  }
}
