package dev.unfold.plan;

import java.util.Optional;

/// How a program sees the numbers of a row: as a matrix `[rows, cols]` for each head. It runs over one of them at a
/// time, where a number for each row of the matrix is a column, and one for each of its columns a row.
///
/// @param heads how many matrices; 0 if it does not matter, since nothing goes along their columns: `rows` are those of
///     all of them then
/// @param rows of each
/// @param cols of each
public record HeadShape(int heads, int rows, int cols) {
  /// That of a sum or a spread along `axis`.
  static HeadShape along(Axis axis) {
    return axis.isLast()
        ? new HeadShape(0, axis.outer(), axis.count())
        : new HeadShape(axis.outer(), axis.count(), axis.inner());
  }

  /// The shape of a program that sees numbers in both ways; nothing if none does.
  Optional<HeadShape> and(HeadShape other) {
    if (equals(other) || other.refines(this)) {
      return Optional.of(other);
    }
    return refines(other) ? Optional.of(this) : Optional.empty();
  }

  private boolean refines(HeadShape other) {
    return other.heads == 0 && heads * rows == other.rows && cols == other.cols;
  }

  /// With a number of heads.
  HeadShape settled() {
    return heads == 0 ? new HeadShape(1, rows, cols) : this;
  }
}
