package dev.unfold.run.score;

import dev.unfold.argument.Expect;
import java.util.OptionalDouble;

/// How far labels that were found are from the right ones, summed over sequences: the edit distance of a sequence is
/// the least number of labels to be put in, left out or replaced that makes of the found labels the right ones, and the
/// label error rate is the sum of the distances over the number of right labels, which may be above 1.
///
/// **Threads**: one at a time.
///
/// **Source**: V. Levenshtein, Binary codes capable of correcting deletions, insertions and reversals, 1966.
public final class LabelErrors {
  private long distance;
  private long labels;
  private long sequences;
  private long exact;

  /// None so far.
  public LabelErrors() {
    // All counts begin at 0.
  }

  /// Adds a sequence.
  public void add(int[] right, int... found) {
    int own = distance(right, found);
    distance += own;
    labels += right.length;
    sequences++;
    exact += own == 0 ? 1 : 0;
  }

  /// The edit distance of two sequences of labels.
  public static int distance(int[] right, int... found) {
    Expect.given("right", right);
    Expect.given("found", found);
    int[] row = new int[found.length + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= right.length; i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (right[i - 1] == found[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[found.length];
  }

  /// The label error rate; empty if there are no right labels.
  public OptionalDouble rate() {
    return labels == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) distance / labels);
  }

  /// The share of the sequences whose labels are all right; empty if there are none.
  public OptionalDouble exact() {
    return sequences == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) exact / sequences);
  }

  /// How many sequences there were.
  public long sequences() {
    return sequences;
  }
}
