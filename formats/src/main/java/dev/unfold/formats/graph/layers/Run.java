package dev.unfold.formats.graph.layers;

import dev.unfold.cell.Cell;
import java.util.Map;

/// One direction of a recurrent layer.
///
/// @param cell the equations
/// @param hidden H
/// @param input what it reads
/// @param parameters the cell's parameters by name, row by row
/// @param isBack whether it begins at the last step
/// @param convention what was found of the file's own ways
record Run(
    Cell cell,
    int hidden,
    Formula input,
    Map<String, double[]> parameters,
    boolean isBack,
    String convention) {
  /// Each is one of its own.
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
