package dev.unfold.run.learn;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The losses of two copies on the same segments, the last that make up W labelled steps, and whether they differ by
/// more than chance.
///
/// With n_j steps in segment j, and a_j, b_j the sums of their losses, in blocks i of segments that follow each other:
///
///     mean   m = sum_j (a_j - b_j) / N                            N = sum_j n_j
///     error  s = sqrt(I / (I - 1) sum_i r_i^2) / N                r_i = sum_{j in i} (a_j - b_j - m n_j)
///
/// which is the standard error of a ratio whose blocks are independent. There are up to 32 blocks: losses near each
/// other are alike, and as single ones they would say more than they know.
final class PairedWindow {
  private static final int BLOCKS = 32;
  private static final int FEWEST = 8;

  private final int window;
  private final Deque<Pair> pairs = new ArrayDeque<>();
  private long steps;

  private record Pair(double first, double second, int steps) {
    double difference() {
      return first - second;
    }
  }

  /// What the window says.
  ///
  /// @param first the mean loss of the first copy
  /// @param second that of the second
  /// @param error the standard error of their difference; infinite of too few segments
  /// @param steps N
  record Verdict(double first, double second, double error, long steps) {
    /// By how much the second is better.
    double difference() {
      return first - second;
    }

    /// Whether the second is better by `share` of the first's loss, and by `deviations` standard errors.
    boolean isBetter(double share, double deviations) {
      return difference() > share * Math.abs(first) && difference() > deviations * error;
    }

    /// Whether the second is worse by as much.
    boolean isWorse(double share, double deviations) {
      return -difference() > share * Math.abs(first) && -difference() > deviations * error;
    }
  }

  /// @param window W
  PairedWindow(int window) {
    this.window = window;
  }

  /// The sums of the losses of a segment's labelled steps, of which there are 1 or more.
  void add(double ofFirst, double ofSecond, int labelled) {
    pairs.addLast(new Pair(ofFirst, ofSecond, labelled));
    steps += labelled;
    while (steps - pairs.getFirst().steps >= window) {
      steps -= pairs.removeFirst().steps;
    }
  }

  void clear() {
    pairs.clear();
    steps = 0;
  }

  /// N
  long steps() {
    return steps;
  }

  /// Whether there are W steps.
  boolean isFull() {
    return steps >= window;
  }

  Verdict verdict() {
    if (pairs.isEmpty()) {
      return new Verdict(Double.NaN, Double.NaN, Double.POSITIVE_INFINITY, 0);
    }
    // Summed anew, so that what was rounded is not carried on for ever.
    double first = pairs.stream().mapToDouble(Pair::first).sum();
    double second = pairs.stream().mapToDouble(Pair::second).sum();
    return new Verdict(first / steps, second / steps, error((first - second) / steps), steps);
  }

  private double error(double mean) {
    int size = Math.ceilDiv(pairs.size(), BLOCKS);
    List<Double> blocks = new ArrayList<>();
    int inBlock = 0;
    double rest = 0;
    for (Pair pair : pairs) {
      rest += pair.difference() - mean * pair.steps;
      inBlock++;
      if (inBlock == size) {
        blocks.add(rest);
        rest = 0;
        inBlock = 0;
      }
    }
    if (inBlock > 0) {
      blocks.add(rest);
    }
    int count = blocks.size();
    if (count < FEWEST) {
      return Double.POSITIVE_INFINITY;
    }
    double squares = blocks.stream().mapToDouble(block -> block * block).sum();
    return Math.sqrt(squares * count / (count - 1)) / steps;
  }
}
