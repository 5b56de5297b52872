package dev.unfold.proof;

import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import java.util.Arrays;
import java.util.List;

/// Numbers in row-major order.
///
/// @param shape the sizes
/// @param data the numbers
record GoldenTensor(List<Integer> shape, double[] data) {
  GoldenTensor {
    shape = List.copyOf(shape);
  }

  /// Part `index` along the first dimension.
  GoldenTensor part(int index) {
    int length = data.length / shape.getFirst();
    return new GoldenTensor(
        shape.subList(1, shape.size()),
        Arrays.copyOfRange(data, index * length, (index + 1) * length));
  }

  /// Parts `from` to `to` along the first dimension.
  GoldenTensor parts(int from, int to) {
    int length = data.length / shape.getFirst();
    List<Integer> rest = shape.subList(1, shape.size());
    List<Integer> own = new java.util.ArrayList<>(rest);
    own.addFirst(to - from);
    return new GoldenTensor(own, Arrays.copyOfRange(data, from * length, to * length));
  }

  /// This with one more part along the first dimension.
  GoldenTensor and(GoldenTensor part) {
    List<Integer> own = new java.util.ArrayList<>(shape);
    own.set(0, own.getFirst() + 1);
    double[] all = Arrays.copyOf(data, data.length + part.data.length);
    System.arraycopy(part.data, 0, all, data.length, part.data.length);
    return new GoldenTensor(own, all);
  }

  /// Puts the numbers into `target`, which holds as many.
  void copyTo(Matrix target) {
    for (int r = 0; r < target.rows(); r++) {
      for (int c = 0; c < target.cols(); c++) {
        Numbers.set(target, r, c, data[r * target.cols() + c]);
      }
    }
  }

  /// A matrix of the last dimension's width that holds the numbers.
  Matrix toMatrix(Precision precision) {
    int cols = shape.getLast();
    Matrix matrix = Matrix.allocate(precision.type(), data.length / cols, cols);
    copyTo(matrix);
    return matrix;
  }
}
