package dev.unfold.formats.torch;

import java.util.List;

/// A tensor as a view of a storage.
///
/// @param storage what it looks at
/// @param offset where its first number is
/// @param shape the sizes of its dimensions
/// @param strides how far apart in the storage the numbers of each dimension are
record TensorView(Storage storage, long offset, List<Long> shape, List<Long> strides) {
  TensorView {
    shape = List.copyOf(shape);
    strides = List.copyOf(strides);
  }

  /// How many numbers it has; -1 if it reaches beyond its storage, or has more numbers than that.
  long count() {
    if (offset < 0 || shape.size() != strides.size() || shape.size() > 64) {
      return -1;
    }
    double last = offset;
    double count = 1;
    for (int d = 0; d < shape.size(); d++) {
      if (shape.get(d) < 0 || strides.get(d) < 0) {
        return -1;
      }
      last += (shape.get(d) - 1.0) * strides.get(d);
      count *= shape.get(d);
    }
    // A tensor without numbers may lie anywhere.
    boolean fits = count == 0 || last < storage.count();
    return fits && count <= storage.count() ? (long) count : -1;
  }

  /// Where its number `i` is, counted row by row.
  long place(long i) {
    long place = offset;
    long rest = i;
    for (int d = shape.size() - 1; d >= 0; d--) {
      place += rest % shape.get(d) * strides.get(d);
      rest /= shape.get(d);
    }
    return place;
  }
}
