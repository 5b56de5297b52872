package dev.unfold.formats.graph;

import java.util.Arrays;

/// Where the numbers of one shape lie in another.
final class Places {
  private Places() {}

  /// How far apart neighbours along each axis are.
  static int[] strides(int... shape) {
    int[] strides = new int[shape.length];
    int stride = 1;
    for (int d = shape.length - 1; d >= 0; d--) {
      strides[d] = stride;
      stride *= Math.max(1, shape[d]);
    }
    return strides;
  }

  /// The place of each number of `shape`, in order, if its neighbours are `strides` apart.
  static int[] of(int[] shape, int[] strides, int first) {
    int[] places = new int[(int) GraphTensor.count(shape)];
    int[] at = new int[shape.length];
    int place = first;
    for (int i = 0; i < places.length; i++) {
      places[i] = place;
      for (int d = shape.length - 1; d >= 0; d--) {
        place += strides[d];
        if (++at[d] < shape[d]) {
          break;
        }
        place -= at[d] * strides[d];
        at[d] = 0;
      }
    }
    return places;
  }

  /// Strides of `from` within a shape that it is stretched to: 0 where its size is 1 and along axes that it lacks.
  static int[] stretched(int[] from, int rank) {
    int[] own = strides(from);
    int[] strides = new int[rank];
    for (int d = 0; d < from.length; d++) {
      strides[rank - from.length + d] = from[d] == 1 ? 0 : own[d];
    }
    return strides;
  }

  /// The shape that all are stretched to; null if there is none.
  static int[] common(int[]... shapes) {
    int rank = 0;
    for (int[] shape : shapes) {
      rank = Math.max(rank, shape.length);
    }
    int[] common = new int[rank];
    Arrays.fill(common, 1);
    for (int[] shape : shapes) {
      for (int d = 0; d < shape.length; d++) {
        int at = rank - shape.length + d;
        if (common[at] == 1) {
          common[at] = shape[d];
        } else if (shape[d] != 1 && shape[d] != common[at]) {
          return null;
        }
      }
    }
    return common;
  }

  /// The sizes from `from` to `until`, multiplied.
  static int product(int[] shape, int from, int until) {
    int product = 1;
    for (int d = from; d < until; d++) {
      product *= shape[d];
    }
    return product;
  }
}
