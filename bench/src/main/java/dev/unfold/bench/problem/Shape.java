package dev.unfold.bench.problem;

/// What is computed, and how large.
///
/// @param task training or inference
/// @param cell the recurrence
/// @param width I and H, which are the same
/// @param batch B
/// @param steps T
/// @param start the initial states
public record Shape(Task task, CellKind cell, int width, int batch, int steps, Start start) {
  /// The same from another start.
  public Shape from(Start other) {
    return new Shape(task, cell, width, batch, steps, other);
  }

  /// T*B
  public int rows() {
    return Math.multiplyExact(steps, batch);
  }

  /// G*H, the rows of a weight matrix.
  public int gateRows() {
    return cell.gates() * width;
  }

  @Override
  public String toString() {
    return "%s H=%d B=%d T=%d".formatted(cell.label(), width, batch, steps);
  }
}
