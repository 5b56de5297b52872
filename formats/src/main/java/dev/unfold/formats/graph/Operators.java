package dev.unfold.formats.graph;

import java.util.Map;
import java.util.TreeMap;

/// All operators by name.
final class Operators {
  private static final Map<String, Operator> BY_NAME = new TreeMap<>();

  static {
    PointwiseOperators.addTo(BY_NAME);
    ShapeOperators.addTo(BY_NAME);
    SliceOperators.addTo(BY_NAME);
    ReductionOperators.addTo(BY_NAME);
    MatrixOperators.addTo(BY_NAME);
    ConvolutionOperators.addTo(BY_NAME);
    RecurrentOperators.addTo(BY_NAME);
    ControlOperators.addTo(BY_NAME);
  }

  private Operators() {}

  /// Null if there is none.
  static Operator named(String name) {
    return BY_NAME.get(name);
  }
}
