package dev.unfold.flow;

import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.sequence.Batch;
import java.util.List;
import java.util.stream.IntStream;

/// How the errors E_t of chosen steps travel back through a network: the error signals delta(t', t), each for itself.
///
///     delta_i(t', t) = dE_t/dnet_i(t')
///
/// at the pre-activations that the input of a layer feeds, or those of its first affine map. Norms are over the
/// sequences of the batch and the units of the layer. Of a pooled network, which has one loss for each sequence, E_t is
/// that loss as far as it depends on h(t) of the uppermost layer directly.
///
///     ErrorFlow flow = ErrorFlow.of(network, team, batch, ErrorFlow.allTimes(batch.steps()));
///     double gain = flow.layers().getFirst().gain(t, s);
///     int lag = flow.lagOfShare(0.9);
///
/// **Math**: a weight matrix with the gradient G = sum of delta(t', t) a(t')^T over all t, t' and sequences, where a is
/// what it is multiplied with, owes to the lag k
///
///     c(k) = sum_t delta(t - k, t)^T G a(t - k)        sum_k c(k) = |G|^2
///
/// the part of each lag's gradient that points where the whole does. Its share is c(k) / sum_k c(k), which may be
/// negative. What lags give across the gradient has no share: how far off a gradient is without them, a [Reach] tells.
/// In layers that run in both directions errors go to later steps too, and the lag is |t - t'|.
///
/// **Cost**: one forward pass, and many error times side by side as rows of one pass back: for all of T = 256 steps a
/// small fraction of as many backward passes. Errors of different times are never mixed, so it is exact; each is held
/// at a power of two of its own, so norms are told far below the least number of the network's precision.
///
/// @param steps T
/// @param times the error times t, ascending
/// @param layers from below, each direction for itself
public record ErrorFlow(int steps, List<Integer> times, List<Layer> layers) {
  /// Copies the lists.
  public ErrorFlow {
    times = List.copyOf(times);
    layers = List.copyOf(layers);
  }

  /// A layer in one direction.
  ///
  /// @param name `l0`, or `l0_reverse`
  /// @param times the error times
  /// @param norms for each error time and t' the norm of delta(t', t); 0 where there is none
  /// @param cosines for each of them the cosine between delta(t', t) and delta(t, t); 0 where there is none
  /// @param shares of its matrices
  /// @param units for each error time, t' and unit the norm of delta_i(t', t) over the sequences; empty if not asked
  ///     for
  public record Layer(
      String name,
      List<Integer> times,
      double[][] norms,
      double[][] cosines,
      List<Share> shares,
      double[][][] units) {
    /// As [ErrorFlow#cumulativeShares], of this layer's matrices alone.
    public double[] cumulativeShares() {
      return ErrorFlow.cumulativeShares(norms.length == 0 ? 0 : norms[0].length, shares);
    }

    /// As [ErrorFlow#lagOfShare], of this layer's matrices alone.
    public int lagOfShare(double share) {
      return ErrorFlow.lagOfShare(cumulativeShares(), share);
    }

    /// |delta(t' - 1, t)| / |delta(t', t)| for the i-th error time; NaN if the error is gone at t'.
    public double gain(int i, int step) {
      return norms[i][step] == 0 ? Double.NaN : norms[i][step - 1] / norms[i][step];
    }

    /// The geometric mean of the gains at step t' over all error times beyond it; NaN if there are none.
    public double meanGain(int step) {
      double sum = 0;
      int count = 0;
      for (int i = 0; i < norms.length; i++) {
        double gain = times.get(i) >= step ? gain(i, step) : Double.NaN;
        if (gain > 0) {
          sum += Math.log(gain);
          count++;
        }
      }
      return count == 0 ? Double.NaN : Math.exp(sum / count);
    }

    /// The norm after k steps back, relative to that at the error's own step, as geometric mean over the error times
    /// that have as many steps before them and whose error is not gone; 0 if there is none.
    public double decay(int lag) {
      double sum = 0;
      int count = 0;
      for (int i = 0; i < norms.length; i++) {
        int t = times.get(i);
        if (t >= lag && norms[i][t - lag] > 0) {
          sum += Math.log(norms[i][t - lag] / norms[i][t]);
          count++;
        }
      }
      return count == 0 ? 0 : Math.exp(sum / count);
    }
  }

  /// What the lags give to the gradient of a matrix.
  ///
  /// @param parameter its name
  /// @param total sum_k c(k); with all error times the squared norm of the gradient
  /// @param byLag c(k) for each lag k
  public record Share(String parameter, double total, double[] byLag) {}

  /// All steps 0 to T-1.
  public static int[] allTimes(int steps) {
    return IntStream.range(0, steps).toArray();
  }

  /// `count` steps of T, evenly spread, among them the last.
  public static int[] someTimes(int steps, int count) {
    int some = Math.min(steps, count);
    return IntStream.rangeClosed(1, some).map(i -> (int) ((long) steps * i / some) - 1).toArray();
  }

  /// Follows the errors of the steps `times` of `batch` back, from a state of zeros; [ErrorFlowMeter] does so many
  /// times.
  ///
  /// **Memory**: as [ErrorFlowMeter].
  ///
  /// **Errors**: [IllegalArgumentException] if sequences have not all T steps, a time is none of them, or the loss is
  /// not one of each step.
  public static ErrorFlow of(Network network, Team team, Batch batch, int... times) {
    return new ErrorFlowMeter(network, team, batch.steps(), batch.batch(), times.length)
        .measure(batch, times);
  }

  /// The shares of lags up to k in the gradients of all matrices, added up, for each k: 1 for the last.
  public double[] cumulativeShares() {
    return cumulativeShares(
        steps, layers.stream().flatMap(layer -> layer.shares().stream()).toList());
  }

  private static double[] cumulativeShares(int steps, List<Share> shares) {
    double[] sums = new double[steps];
    double total = 0;
    for (Share share : shares) {
      total += share.total();
      for (int k = 0; k < steps; k++) {
        sums[k] += share.byLag()[k];
      }
    }
    double sum = 0;
    for (int k = 0; k < steps; k++) {
      sum += sums[k];
      sums[k] = total == 0 ? 0 : sum / total;
    }
    return sums;
  }

  /// The least k such that [#cumulativeShares] are at least `share` from lag k on.
  public int lagOfShare(double share) {
    return lagOfShare(cumulativeShares(), share);
  }

  private static int lagOfShare(double[] cumulative, double share) {
    int lag = cumulative.length - 1;
    while (lag > 0 && cumulative[lag - 1] >= share) {
      lag--;
    }
    return lag;
  }
}
