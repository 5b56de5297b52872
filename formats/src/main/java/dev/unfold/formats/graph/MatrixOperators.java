package dev.unfold.formats.graph;

import java.util.Arrays;
import java.util.Map;

/// Products of matrices.
final class MatrixOperators {
  private MatrixOperators() {}

  static void addTo(Map<String, Operator> all) {
    all.put("MatMul", Operator.of(2, 2, MatrixOperators::matMul));
    all.put("Gemm", Operator.of(2, 3, MatrixOperators::gemm));
  }

  private static GraphTensor matMul(Call call) {
    GraphTensor left = call.real(0);
    GraphTensor right = call.real(1);
    if (left.type() != right.type() || left.rank() == 0 || right.rank() == 0) {
      throw call.refuse("inputs", "matrices of one type", left + " and " + right);
    }
    GraphTensor a = left.rank() == 1 ? left.reshaped(1, left.size(0)) : left;
    GraphTensor b = right.rank() == 1 ? right.reshaped(right.size(0), 1) : right;
    int rows = a.size(a.rank() - 2);
    int inner = a.size(a.rank() - 1);
    int columns = b.size(b.rank() - 1);
    int[] outerA = Arrays.copyOf(a.sizes(), a.rank() - 2);
    int[] outerB = Arrays.copyOf(b.sizes(), b.rank() - 2);
    int[] outer = Places.common(outerA, outerB);
    if (outer == null || b.size(b.rank() - 2) != inner) {
      throw call.refuse("inputs", "shapes that multiply", left + " and " + right);
    }
    int[] full = Arrays.copyOf(outer, outer.length + 2);
    full[outer.length] = rows;
    full[outer.length + 1] = columns;
    double[] numbers = call.reals(full);
    int[] placesA = Places.of(outer, Places.stretched(outerA, outer.length), 0);
    int[] placesB = Places.of(outer, Places.stretched(outerB, outer.length), 0);
    for (int o = 0; o < placesA.length && numbers.length > 0; o++) {
      multiply(
          a.ownReals(),
          placesA[o] * rows * inner,
          b.ownReals(),
          placesB[o] * inner * columns,
          new int[] {rows, inner, columns},
          numbers,
          o * rows * columns);
    }
    return GraphTensor.ofReals(left.type(), shape(outer, left, right, rows, columns), numbers);
  }

  /// Vectors have no row, or no column.
  private static int[] shape(
      int[] outer, GraphTensor left, GraphTensor right, int rows, int columns) {
    int[] shape = Arrays.copyOf(outer, outer.length + 2);
    int rank = outer.length;
    if (left.rank() > 1) {
      shape[rank++] = rows;
    }
    if (right.rank() > 1) {
      shape[rank++] = columns;
    }
    return Arrays.copyOf(shape, rank);
  }

  private static void multiply(
      double[] a, int atA, double[] b, int atB, int[] sizes, double[] to, int at) {
    int rows = sizes[0];
    int inner = sizes[1];
    int columns = sizes[2];
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < inner; i++) {
        double factor = a[atA + r * inner + i];
        for (int c = 0; c < columns; c++) {
          to[at + r * columns + c] += factor * b[atB + i * columns + c];
        }
      }
    }
  }

  private static GraphTensor gemm(Call call) {
    GraphTensor a = matrix(call, 0, "transA");
    GraphTensor b = matrix(call, 1, "transB");
    if (a.size(1) != b.size(0) || a.type() != b.type()) {
      throw call.refuse("inputs", "matrices that multiply", a + " and " + b);
    }
    int rows = a.size(0);
    int columns = b.size(1);
    double[] numbers = call.reals(rows, columns);
    multiply(a.ownReals(), 0, b.ownReals(), 0, new int[] {rows, a.size(1), columns}, numbers, 0);
    double alpha = call.real("alpha", 1);
    double beta = call.real("beta", 1);
    int[] shape = {rows, columns};
    int[] places = null;
    GraphTensor c = null;
    if (call.has(2)) {
      c = call.real(2);
      int[] common = Places.common(c.sizes(), shape);
      if (c.type() != a.type() || common == null || !Arrays.equals(common, shape)) {
        throw call.refuse("input 2", "one that stretches to " + Arrays.toString(shape), c);
      }
      places = Places.of(shape, Places.stretched(c.sizes(), 2), 0);
    }
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = alpha * numbers[i] + (c == null ? 0 : beta * c.real(places[i]));
    }
    return GraphTensor.ofReals(a.type(), shape, numbers);
  }

  private static GraphTensor matrix(Call call, int i, String transposed) {
    GraphTensor of = call.real(i);
    if (of.rank() != 2) {
      throw call.refuse("input " + i, "a matrix", of);
    }
    if (!call.flag(transposed)) {
      return of;
    }
    int[] shape = {of.size(1), of.size(0)};
    call.room(shape);
    return of.at(Places.of(shape, new int[] {1, Math.max(1, of.size(1))}, 0), shape);
  }
}
