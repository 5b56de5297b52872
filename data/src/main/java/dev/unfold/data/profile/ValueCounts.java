package dev.unfold.data.profile;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How often each text was seen, as long as they are not too many.
final class ValueCounts {
  /// For all columns of a table together: what is remembered is bounded whatever comes.
  static final class Budget {
    private int left = 200_000;
  }

  private static final int MOST = 10_000;
  private static final int LONGEST = 100;

  private final Budget budget;
  private Map<String, long[]> counts = new HashMap<>();

  ValueCounts(Budget budget) {
    this.budget = budget;
  }

  /// @param value a text, or its beginning if it is long
  void add(String value) {
    if (counts == null) {
      return;
    }
    long[] count = counts.get(value);
    if (count != null) {
      count[0]++;
    } else if (counts.size() < MOST && budget.left > 0 && value.length() <= LONGEST) {
      budget.left--;
      counts.put(value, new long[] {1});
    } else {
      budget.left += counts.size();
      counts = null;
    }
  }

  /// Whether there were too many to be counted.
  boolean areMany() {
    return counts == null;
  }

  int distinct() {
    return counts.size();
  }

  boolean has(String value) {
    return counts != null && counts.containsKey(value);
  }

  /// The most frequent, the first of equals by the alphabet.
  List<ColumnProfile.Share> top(int most, long rows) {
    if (counts == null) {
      return List.of();
    }
    return counts.entrySet().stream()
        .sorted(
            Comparator.<Map.Entry<String, long[]>>comparingLong(e -> -e.getValue()[0])
                .thenComparing(Map.Entry::getKey))
        .limit(most)
        .map(e -> new ColumnProfile.Share(e.getKey(), (double) e.getValue()[0] / rows))
        .toList();
  }
}
