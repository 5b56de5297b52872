package dev.unfold.plan;

/// The axis that a sum or a spread goes along, of a value of outer * count * inner numbers: number (o, c, i) of it has
/// the index (o * count + c) * inner + i. A sum over c leaves number (o, i), a spread makes each (o, c, i) from it.
///
/// Of N matrices `[m, n]`, one for each head, a sum along `(N * m, n, 1)` adds up each row, along `(N, m, n)` each
/// column; of N * m units `(N, m, 1)` those of a head.
///
/// @param outer numbers before the axis
/// @param count numbers along it
/// @param inner numbers behind it
public record Axis(int outer, int count, int inner) {
  /// How many numbers a value has that the axis is an axis of.
  int whole() {
    return outer * count * inner;
  }

  /// How many remain of them in a sum.
  int rest() {
    return outer * inner;
  }

  /// Whether it goes along the columns of matrices whose rows `other` goes along.
  boolean isAcross(Axis other) {
    return !isLast() && other.isLast() && other.count() == inner && other.outer() == outer * count;
  }

  /// Of columns of matrices, the axis along what is left by a sum along the rows.
  Axis outerUnits() {
    return new Axis(outer, count, 1);
  }

  /// Whether the numbers of a sum follow each other.
  boolean isLast() {
    return inner == 1;
  }
}
