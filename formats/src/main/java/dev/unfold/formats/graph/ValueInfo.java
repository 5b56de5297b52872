package dev.unfold.formats.graph;

import dev.unfold.argument.Expect;
import java.util.List;
import java.util.Optional;

/// An input or an output of a graph.
///
/// @param name by which nodes know it
/// @param type what its numbers are; empty if nothing is said of them, as may be in the body of a node
/// @param shape its dimensions, some of which may be any; empty if even their number is not known
public record ValueInfo(String name, Optional<NumberType> type, Optional<List<Dimension>> shape) {
  /// Checks that they are given, and copies the list.
  public ValueInfo {
    Expect.given("name", name);
    Expect.given("type", type);
    shape = Expect.given("shape", shape).map(List::copyOf);
  }

  /// One with a type and a shape.
  public static ValueInfo of(String name, NumberType type, Dimension... shape) {
    return new ValueInfo(name, Optional.of(type), Optional.of(List.of(shape)));
  }

  /// `x: FLOAT32 [T, B, 3]`
  @Override
  public String toString() {
    return name
        + type.map(known -> ": " + known).orElse("")
        + shape.map(known -> " " + known).orElse("");
  }

  /// Whether a tensor may be this value.
  boolean admits(GraphTensor tensor) {
    if (type.isPresent() && type.get() != tensor.type()) {
      return false;
    }
    if (shape.isEmpty()) {
      return true;
    }
    List<Dimension> dimensions = shape.get();
    if (dimensions.size() != tensor.rank()) {
      return false;
    }
    for (int d = 0; d < dimensions.size(); d++) {
      if (dimensions.get(d).isFixed() && dimensions.get(d).size() != tensor.size(d)) {
        return false;
      }
    }
    return true;
  }
}
