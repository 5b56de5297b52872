package dev.unfold.bench.problem;

/// What is computed, and how large.
///
/// @param task what is measured
/// @param cell the recurrence
/// @param width I and H, which are the same
/// @param batch B
/// @param steps T
/// @param start the initial states
/// @param vocabulary V of a language model; 0 for a layer alone
public record Shape(
    Task task, CellKind cell, int width, int batch, int steps, Start start, int vocabulary) {
  /// A layer alone.
  public Shape(Task task, CellKind cell, int width, int batch, int steps, Start start) {
    this(task, cell, width, batch, steps, start, 0);
  }

  /// The same from another start.
  public Shape from(Start other) {
    return new Shape(task, cell, width, batch, steps, other, vocabulary);
  }

  /// T*B
  public int rows() {
    return Math.multiplyExact(steps, batch);
  }

  /// G*H, the rows of a weight matrix.
  public int gateRows() {
    return cell.gates() * width;
  }

  /// Where it is among those of its task.
  public String place() {
    return "%s H=%d B=%d".formatted(cell.label(), width, batch)
        + (vocabulary == 0 ? "" : " V=" + vocabulary);
  }

  @Override
  public String toString() {
    return place() + " T=" + steps;
  }
}
