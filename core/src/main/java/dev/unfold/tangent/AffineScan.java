package dev.unfold.tangent;

import dev.unfold.kernels.work.Team;
import java.util.ArrayList;
import java.util.List;

/// The recurrence
///
///     y(t) = D(t) y(t-1) + c(t)        y(-1) = 0
///
/// for all t = 0..T-1 at once. A span of steps is one pair (D, c), and two spans after each other are one, too:
///
///     (D2, c2) after (D1, c1)  =  (D2 D1, D2 c1 + c2)
///
/// which is associative, so that the spans can be put together as a tree: up to spans of 1, 2, 4, ... steps, then down
/// to the prefixes that are still missing. Each of the at most 2 log2 T rounds takes pairs that do not need each other.
/// A prefix needs no D, so there are less than T products of two D, and less than 2 T of a D and a vector, where step
/// after step there are T of the latter alone.
///
/// The tree is the same for any team, and so are the bits. They differ from those of step after step, where sums are
/// made in another order. Where D stretches, the product of a long span may leave the range of numbers although y(t)
/// does not.
///
/// **Shapes**: rows t*B + b; D of a row S^2 numbers row by row, or S numbers of a diagonal.
///
/// **Memory**: in place; S numbers a thread.
///
/// **Source**: G. E. Blelloch, Prefix sums and their applications, CMU-CS-90-190, 1990, for linear recurrences; R. P.
/// Brent and H. T. Kung, A regular layout for parallel adders, IEEE Transactions on Computers 31(3), 1982, for the
/// tree.
final class AffineScan {
  private final double[][] slopes;
  private final double[][] sums;
  private final int batch;
  private final int steps;
  private final List<Round> rounds = new ArrayList<>();

  /// Pairs of spans that are put together at once: step i's with that of `distance` steps before it.
  ///
  /// @param first the least i; the others are 2 `distance` apart
  /// @param count how many
  /// @param isUp whether the spans' D are put together, too, but for those that begin at step 0
  private record Round(int distance, int first, int count, boolean isUp) {}

  private AffineScan(double[][] slopes, double[][] sums, int batch) {
    this.slopes = slopes;
    this.sums = sums;
    this.batch = batch;
    steps = sums.length / batch;
    int distance = 1;
    for (; distance < steps; distance *= 2) {
      add(distance, 2 * distance - 1, true);
    }
    for (distance /= 2; distance >= 1; distance /= 2) {
      add(distance, 3 * distance - 1, false);
    }
  }

  private void add(int distance, int first, boolean isUp) {
    if (first < steps) {
      rounds.add(new Round(distance, first, (steps - 1 - first) / (2 * distance) + 1, isUp));
    }
  }

  /// Replaces c of each row by y, and D by what is not told.
  ///
  /// @param slopes D
  /// @param sums c
  /// @param batch B
  static void run(double[][] slopes, double[][] sums, int batch, Team team) {
    AffineScan scan = new AffineScan(slopes, sums, batch);
    team.run(scan::run, scan.rounds.size());
  }

  private void run(int phase, int part, int parts) {
    Round round = rounds.get(phase);
    int pairs = round.count() * batch;
    double[] row = new double[sums[0].length];
    for (int pair = Team.from(pairs, part, parts);
        pair < Team.from(pairs, part + 1, parts);
        pair++) {
      int step = round.first() + pair / batch * 2 * round.distance();
      int later = step * batch + pair % batch;
      int earlier = later - round.distance() * batch;
      addTimes(slopes[later], sums[earlier], sums[later]);
      if (round.isUp() && step > round.first()) {
        times(slopes[later], slopes[earlier], row);
      }
    }
  }

  /// y += D x
  private static void addTimes(double[] slopes, double[] x, double[] y) {
    if (slopes.length == y.length) {
      for (int i = 0; i < y.length; i++) {
        y[i] += slopes[i] * x[i];
      }
      return;
    }
    for (int i = 0; i < y.length; i++) {
      double sum = 0;
      for (int j = 0; j < x.length; j++) {
        sum += slopes[i * x.length + j] * x[j];
      }
      y[i] += sum;
    }
  }

  /// D = D E
  private static void times(double[] d, double[] e, double[] row) {
    int states = row.length;
    if (d.length == states) {
      for (int i = 0; i < states; i++) {
        d[i] *= e[i];
      }
      return;
    }
    for (int from = 0; from < d.length; from += states) {
      System.arraycopy(d, from, row, 0, states);
      for (int j = 0; j < states; j++) {
        d[from + j] = row[0] * e[j];
      }
      for (int k = 1; k < states; k++) {
        for (int j = 0; j < states; j++) {
          d[from + j] += row[k] * e[k * states + j];
        }
      }
    }
  }
}
