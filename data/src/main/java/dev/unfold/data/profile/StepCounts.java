package dev.unfold.data.profile;

import dev.unfold.data.table.Place;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// How often each distance between neighbouring times was seen, with the first places of each. Beyond some kinds of
/// distances only their number and sum are known.
final class StepCounts {
  private static final int KINDS = 32;
  private static final int EXAMPLES = 3;

  private long[] steps = new long[2];
  private long[] counts = new long[2];
  private final List<List<Jump>> examples = new ArrayList<>(2);
  private int kinds;
  private long total;
  private long others;
  private long sumOfOthers;

  /// Two neighbouring times.
  ///
  /// @param place of the later row
  record Jump(Place place, long from, long to) {}

  void add(long step, Place place, long from, long to) {
    total++;
    int i = 0;
    while (i < kinds && steps[i] != step) {
      i++;
    }
    if (i == KINDS) {
      others++;
      sumOfOthers += step;
      return;
    }
    if (i == kinds) {
      if (i == steps.length) {
        steps = Arrays.copyOf(steps, 2 * i);
        counts = Arrays.copyOf(counts, 2 * i);
      }
      steps[i] = step;
      examples.add(new ArrayList<>(1));
      kinds++;
    }
    if (counts[i]++ < EXAMPLES) {
      examples.get(i).add(new Jump(place, from, to));
    }
  }

  long total() {
    return total;
  }

  /// The most frequent, and of several the smallest; 0 for none.
  long base() {
    int best = -1;
    for (int i = 0; i < kinds; i++) {
      if (best < 0
          || counts[i] > counts[best]
          || (counts[i] == counts[best] && steps[i] < steps[best])) {
        best = i;
      }
    }
    return best < 0 ? 0 : steps[best];
  }

  /// Whether at least half are the base, and nine of ten a multiple of it.
  boolean isRegular() {
    long base = base();
    long same = 0;
    long multiples = 0;
    for (int i = 0; i < kinds; i++) {
      same += steps[i] == base ? counts[i] : 0;
      multiples += steps[i] % base == 0 ? counts[i] : 0;
    }
    return 2 * same >= total && 10 * multiples >= 9 * total;
  }

  /// What is longer than the base.
  Gaps gaps() {
    long base = base();
    long count = others;
    long missing = Math.max(0, sumOfOthers / Math.max(1, base) - others);
    long uneven = 0;
    List<Jump> jumps = new ArrayList<>();
    for (int i = 0; i < kinds; i++) {
      if (steps[i] % base != 0) {
        uneven += counts[i];
      }
      if (steps[i] > base) {
        count += counts[i];
        missing += counts[i] * (steps[i] / base - 1);
        jumps.addAll(examples.get(i));
      }
    }
    return new Gaps(count, missing, uneven, jumps);
  }

  /// @param count how many
  /// @param missing how many steps are not there
  /// @param uneven how many distances are no multiple of the usual one
  /// @param examples some of them
  record Gaps(long count, long missing, long uneven, List<Jump> examples) {}
}
