package dev.unfold.formats.graph;

import java.util.Arrays;

/// A tensor seen in the shape that it is stretched to.
final class Stretched {
  /// A comparison of two numbers.
  interface Comparison {
    boolean holds(double a, double b);
  }

  private final GraphTensor tensor;
  private final int[] places;

  Stretched(GraphTensor tensor, int[] shape) {
    this.tensor = tensor;
    places =
        Arrays.equals(tensor.sizes(), shape)
            ? null
            : Places.of(shape, Places.stretched(tensor.sizes(), shape.length), 0);
  }

  private int place(int i) {
    return places == null ? i : places[i];
  }

  double real(int i) {
    return tensor.real(place(i));
  }

  long whole(int i) {
    return tensor.whole(place(i));
  }

  /// Whole numbers differ where they would not as doubles.
  boolean compare(Stretched other, int i, Comparison comparison) {
    return tensor.type().isReal()
        ? comparison.holds(real(i), other.real(i))
        : comparison.holds(Long.compare(whole(i), other.whole(i)), 0);
  }
}
