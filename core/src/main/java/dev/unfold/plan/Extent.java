package dev.unfold.plan;

import java.util.Comparator;

/// What a program computes at a time.
///
/// @param width numbers of a row of the batch
/// @param shape how it sees them, if not as they are; null otherwise
record Extent(int width, HeadShape shape) implements Comparable<Extent> {
  private static final Comparator<HeadShape> BY_SHAPE =
      Comparator.nullsFirst(
          Comparator.comparingInt(HeadShape::heads)
              .thenComparingInt(HeadShape::rows)
              .thenComparingInt(HeadShape::cols));

  private static final Comparator<Extent> ORDER =
      Comparator.comparingInt(Extent::width).thenComparing(Extent::shape, BY_SHAPE);

  @Override
  public int compareTo(Extent other) {
    return ORDER.compare(this, other);
  }
}
