package dev.unfold.head;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Several quantiles of each number, which do not cross. Of the outputs y_0, ..., y_{Q-1} for a number the one in the
/// middle, M = Q/2 rounded down, is its quantile itself; the others say how far each is from its neighbour:
///
///     f_M = y_M        f_q = f_{q-1} + ln(1 + exp(y_q)), q > M        f_q = f_{q+1} - ln(1 + exp(y_q)), q < M
///
/// and the loss is the mean over the levels p_q of twice their quantile losses, averaged over the N numbers:
///
///     2/Q sum_q (z - f_q) (p_q - [z < f_q])
///
/// Over levels that are spread evenly this is an approximation of the continuous ranked probability score, in the unit
/// of z. With g_q for the derivative by f_q, that by y_q is `sigmoid(y_q)` times the sum of g_j over all j from q on
/// outwards, negative below the middle, and by y_M the sum of all.
///
/// @param levels p_0 < ... < p_{Q-1}, above 0 and below 1
///
/// **Source**: R. Koenker and G. Bassett, Regression quantiles, 1978, for the loss; Y. Park, D. Maddix, F.-X. Aubet,
/// K. Kan, J. Gasthaus and Y. Wang, Learning quantile functions without quantile crossing for distribution-free time
/// series forecasting, AISTATS 2022, for quantiles as sums of what is not negative.
public record Quantiles(List<Double> levels) implements PointwiseLoss {
  /// Checks the levels.
  public Quantiles {
    levels = List.copyOf(Expect.given("levels", levels));
    boolean rises = !levels.isEmpty();
    double before = 0;
    for (double level : levels) {
      rises &= level > before && level < 1;
      before = level;
    }
    if (!rises) {
      throw new Refusal("levels", "numbers above 0 and below 1, each above the one before", levels);
    }
  }

  /// M
  int middle() {
    return levels.size() / 2;
  }

  String levelsText() {
    return levels.stream().map(String::valueOf).collect(Collectors.joining(":"));
  }

  /// f, from the lowest level to the highest.
  ///
  /// @param own the Q outputs for a number
  public double[] quantiles(double... own) {
    double[] all = own.clone();
    for (int q = middle() + 1; q < all.length; q++) {
      all[q] = all[q - 1] + Logistic.softplus(own[q]);
    }
    for (int q = middle() - 1; q >= 0; q--) {
      all[q] = all[q + 1] - Logistic.softplus(own[q]);
    }
    return all;
  }

  /// Empty if there is one level, which says nothing of the others.
  Optional<Distribution> spread(double... own) {
    return levels.size() == 1
        ? Optional.empty()
        : Optional.of(new QuantileDistribution(levels, quantiles(own)));
  }

  @Override
  public Terms terms(Pointwise.Builder b, List<Slot> y, Slot z) {
    int count = levels.size();
    int middle = middle();
    Slot from = b.compute(Op.SUBTRACT, y.get(middle), z);
    List<Slot> slopes = new ArrayList<>(Collections.nCopies(count, from));
    Slot sum = part(b, middle, from, slopes);
    Slot distance = from;
    for (int q = middle + 1; q < count; q++) {
      distance = b.compute(Op.ADD, distance, b.compute(Op.SOFTPLUS, y.get(q)));
      sum = b.compute(Op.ADD, sum, part(b, q, distance, slopes));
    }
    distance = from;
    for (int q = middle - 1; q >= 0; q--) {
      distance = b.compute(Op.SUBTRACT, distance, b.compute(Op.SOFTPLUS, y.get(q)));
      sum = b.compute(Op.ADD, sum, part(b, q, distance, slopes));
    }
    gather(b, y, slopes);
    return new Terms(sum, slopes);
  }

  /// Makes the derivatives by the outputs of those by the quantiles.
  private void gather(Pointwise.Builder b, List<Slot> y, List<Slot> slopes) {
    int middle = middle();
    Slot above = b.constant(0);
    for (int q = levels.size() - 1; q > middle; q--) {
      above = b.compute(Op.ADD, above, slopes.get(q));
      slopes.set(q, b.compute(Op.MULTIPLY, above, b.compute(Op.SIGMOID, y.get(q))));
    }
    Slot below = b.constant(0);
    for (int q = 0; q < middle; q++) {
      below = b.compute(Op.ADD, below, slopes.get(q));
      Slot opposite = b.compute(Op.NEGATE, below);
      slopes.set(q, b.compute(Op.MULTIPLY, opposite, b.compute(Op.SIGMOID, y.get(q))));
    }
    Slot sides = b.compute(Op.ADD, above, below);
    slopes.set(middle, b.compute(Op.ADD, slopes.get(middle), sides));
  }

  /// What one level gives; sets the derivative by its quantile.
  private Slot part(Pointwise.Builder b, int q, Slot distance, List<Slot> slopes) {
    double weight = 2.0 / levels.size();
    Slot over = b.constant(weight * (1 - levels.get(q)));
    Slot under = b.constant(weight * levels.get(q));
    Slot opposite = b.compute(Op.NEGATE, distance);
    slopes.set(
        q,
        b.compute(
            Op.SUBTRACT,
            b.compute(Op.MULTIPLY, b.compute(Op.STEP, distance), over),
            b.compute(Op.MULTIPLY, b.compute(Op.STEP, opposite), under)));
    return b.compute(
        Op.ADD,
        b.compute(Op.MULTIPLY, b.compute(Op.RELU, distance), over),
        b.compute(Op.MULTIPLY, b.compute(Op.RELU, opposite), under));
  }
}
