package dev.unfold.run.score;

import dev.unfold.argument.Expect;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How often each of K classes was taken for which, the right one for the row and what was said for the column.
///
///     accuracy = sum_k n_kk / sum_kj n_kj
///     precision_k = n_kk / sum_j n_jk        recall_k = n_kk / sum_j n_kj
///     F1_k = 2 n_kk / (sum_j n_jk + sum_j n_kj)        macro F1 = mean of F1_k over the classes that came or were said
///
/// **Not defined** are accuracy and macro F1 without any, precision of a class that was never said, recall of one that
/// never came: NaN.
public final class LabelScore {
  private final List<String> labels;
  private final long[] came;
  private final long[] said;
  private final long[] right;

  /// What was taken for something else, as `right * K + said`: few of the pairs that there are.
  private final Map<Long, Long> wrong = new HashMap<>();

  /// @param labels names of the K classes
  public LabelScore(List<String> labels) {
    this.labels = List.copyOf(Expect.given("labels", labels));
    came = new long[labels.size()];
    said = new long[labels.size()];
    right = new long[labels.size()];
  }

  /// Counts one.
  public void add(int rightOne, int saidOne) {
    came[rightOne]++;
    said[saidOne]++;
    if (rightOne == saidOne) {
      right[rightOne]++;
    } else {
      wrong.merge((long) rightOne * labels.size() + saidOne, 1L, Long::sum);
    }
  }

  /// Their names.
  public List<String> labels() {
    return labels;
  }

  /// How many came as `rightOne` and were said to be `saidOne`.
  public long count(int rightOne, int saidOne) {
    return rightOne == saidOne
        ? right[rightOne]
        : wrong.getOrDefault((long) rightOne * labels.size() + saidOne, 0L);
  }

  /// Some of one class that were taken for another.
  ///
  /// @param right the class that they are of
  /// @param said the class that they were said to be of
  public record Mistake(int right, int said, long count) {}

  /// All of them, the most frequent first.
  public List<Mistake> mistakes() {
    long classes = labels.size();
    return wrong.entrySet().stream()
        .map(entry ->
            new Mistake(
                (int) (entry.getKey() / classes),
                (int) (entry.getKey() % classes),
                entry.getValue()))
        .sorted(
            Comparator.comparingLong(Mistake::count)
                .reversed()
                .thenComparingInt(Mistake::right)
                .thenComparingInt(Mistake::said))
        .toList();
  }

  /// How many came of a class.
  public long came(int k) {
    return came[k];
  }

  /// How often a class was said.
  public long said(int k) {
    return said[k];
  }

  /// All of them.
  public long total() {
    return Arrays.stream(came).sum();
  }

  /// How many were right.
  public long right() {
    return Arrays.stream(right).sum();
  }

  /// The share that was right.
  public double accuracy() {
    return (double) right() / total();
  }

  /// The share of what was said to be of a class that is.
  public double precision(int k) {
    return (double) right[k] / said[k];
  }

  /// The share of a class that was found.
  public double recall(int k) {
    return (double) right[k] / came[k];
  }

  /// The harmonic mean of both; 0 if none was right.
  public double f1(int k) {
    return 2.0 * right[k] / (said[k] + came[k]);
  }

  /// The mean over the classes that came or were said.
  public double macroF1() {
    double sum = 0;
    int classes = 0;
    for (int k = 0; k < came.length; k++) {
      if (said[k] + came[k] > 0) {
        sum += f1(k);
        classes++;
      }
    }
    return sum / classes;
  }
}
