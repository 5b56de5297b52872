package dev.unfold.formats.onnx.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.formats.graph.GraphTensor;

/// The largest difference of two tensors.
///
/// @param absolute as it is
/// @param largest the largest number of the tensor that is compared with
record Difference(double absolute, double largest) {
  static final Difference NONE = new Difference(0, 0);

  static Difference of(GraphTensor expected, GraphTensor got) {
    assertEquals(expected.type(), got.type());
    assertEquals(expected.shape(), got.shape());
    double absolute = 0;
    double largest = 0;
    for (int i = 0; i < expected.count(); i++) {
      double a = expected.real(i);
      double b = got.real(i);
      largest = Math.max(largest, Math.abs(a));
      if (Double.compare(a, b) != 0 && a != b) {
        double difference = Math.abs(a - b);
        absolute = Math.max(absolute, Double.isNaN(difference) ? Double.MAX_VALUE : difference);
      }
    }
    return new Difference(absolute, largest);
  }

  double relative() {
    return absolute == 0 ? 0 : absolute / largest;
  }

  Difference and(Difference other) {
    return new Difference(Math.max(absolute, other.absolute), Math.max(largest, other.largest));
  }

  /// @param bound of the difference, relative to the largest number, or to 1 if that is less
  static void expectWithin(double bound, GraphTensor expected, GraphTensor got, String what) {
    Difference difference = of(expected, got);
    double scale = Math.max(1, difference.largest());
    assertTrue(
        difference.absolute() <= bound * scale,
        what + ": " + difference + ", expected " + expected + ", got " + got);
  }
}
