package dev.unfold.head;

import dev.unfold.kernels.storage.Matrix;

/// What all paths of one sequence say together, by the forward-backward algorithm. With a_j(t) for the logarithm of
/// the sum of exp(score) over the paths that are at tag j at step t, up to there, and b_i(t) for that from there on,
///
///     a_j(0) = start_j + e_j(0)        a_j(t) = e_j(t) + ln sum_i exp(a_i(t-1) + transitions_ij)
///     b_i(n-1) = end_i                 b_i(t) = ln sum_j exp(transitions_ij + e_j(t+1) + b_j(t+1))
///     p(y(t) = k) = exp(a_k(t) + b_k(t)) / sum_j exp(a_j(t) + b_j(t))
///
/// each less a number of its step, so that all are near 0 and keep their digits however long the sequence is.
public final class Posterior {
  private final LinearChain chain;
  private final int steps;

  /// The emissions, each step's less their largest.
  private final double[][] emissions;

  /// ln sum_i exp(a_i(t-1) + transitions_ij); at step 0 the starts.
  private final double[][] reached;

  private final double[][] forward;
  private final double[][] marginals;

  /// What was taken from each step's a; and from the ends.
  private final double[] taken;

  Posterior(LinearChain chain, Matrix all, int... rows) {
    this.chain = chain;
    steps = rows.length;
    int tags = chain.tags();
    emissions = new double[steps][tags];
    reached = new double[steps][tags];
    forward = new double[steps][tags];
    marginals = new double[steps][tags];
    taken = new double[steps + 1];
    for (int t = 0; t < steps; t++) {
      for (int k = 0; k < tags; k++) {
        emissions[t][k] = all.get(rows[t], k);
      }
      double largest = LinearChain.largest(emissions[t]);
      for (int k = 0; k < tags; k++) {
        emissions[t][k] -= largest;
      }
    }
    if (steps > 0) {
      goForward();
      goBackward();
    }
  }

  private void goForward() {
    double[] sums = new double[chain.tags()];
    for (int t = 0; t < steps; t++) {
      if (t == 0) {
        System.arraycopy(chain.start, 0, reached[t], 0, sums.length);
      } else {
        chain.goOn(forward[t - 1], reached[t]);
      }
      for (int j = 0; j < sums.length; j++) {
        forward[t][j] = reached[t][j] + emissions[t][j];
      }
      taken[t] = LinearChain.logSum(forward[t]);
      for (int j = 0; j < sums.length; j++) {
        forward[t][j] -= taken[t];
      }
    }
    for (int k = 0; k < sums.length; k++) {
      sums[k] = forward[steps - 1][k] + chain.end[k];
    }
    taken[steps] = LinearChain.logSum(sums);
  }

  private void goBackward() {
    double[] backward = chain.end.clone();
    double[] after = new double[chain.tags()];
    share(steps - 1, backward);
    for (int t = steps - 2; t >= 0; t--) {
      for (int j = 0; j < after.length; j++) {
        after[j] = emissions[t + 1][j] + backward[j];
      }
      chain.goBack(after, backward);
      double largest = LinearChain.largest(backward);
      for (int i = 0; i < backward.length; i++) {
        backward[i] -= largest;
      }
      share(t, backward);
    }
  }

  private void share(int t, double[] backward) {
    double[] own = marginals[t];
    for (int k = 0; k < own.length; k++) {
      own[k] = forward[t][k] + backward[k];
    }
    double largest = LinearChain.largest(own);
    double sum = 0;
    for (int k = 0; k < own.length; k++) {
      own[k] = Math.exp(own[k] - largest);
      sum += own[k];
    }
    for (int k = 0; k < own.length; k++) {
      own[k] /= sum;
    }
  }

  /// How likely tag `k` is at step `t`.
  public double marginal(int t, int k) {
    return marginals[t][k];
  }

  /// -ln p(tags), summed over the steps, at each of which little is left of large scores; NaN if no path is allowed.
  public double loss(int... tags) {
    double sum = 0;
    for (int t = 0; t < steps; t++) {
      double step = t == 0 ? chain.start[tags[0]] : chain.transitions[tags[t - 1]][tags[t]];
      sum += taken[t] - (step + emissions[t][tags[t]]);
    }
    return steps == 0 ? 0 : Math.max(0, sum + (taken[steps] - chain.end[tags[steps - 1]]));
  }

  /// Adds to `sums`, K times K numbers, how often each tag is expected to follow each other one, times `scale`: at
  /// each step
  ///
  ///     p(y(t-1) = i, y(t) = j) = p(y(t) = j) w_ij / sum_i' w_i'j        w_ij = exp(a_i(t-1) + transitions_ij)
  public void addPairs(double[] sums, double scale) {
    int tags = chain.tags();
    double[] shares = new double[tags];
    for (int t = 1; t < steps; t++) {
      if (chain.factors == null) {
        addPairs(t, sums, scale);
        continue;
      }
      double largest = LinearChain.largest(forward[t - 1]);
      for (int j = 0; j < tags; j++) {
        shares[j] = scale * marginals[t][j] * Math.exp(largest - reached[t][j]);
      }
      for (int i = 0; i < tags; i++) {
        double weight = Math.exp(forward[t - 1][i] - largest);
        for (int j = 0; j < tags; j++) {
          sums[i * tags + j] += weight * chain.factors[i][j] * shares[j];
        }
      }
    }
  }

  private void addPairs(int t, double[] sums, double scale) {
    int tags = chain.tags();
    for (int j = 0; j < tags; j++) {
      double share = scale * marginals[t][j];
      for (int i = 0; i < tags && share != 0; i++) {
        double given = forward[t - 1][i] + chain.transitions[i][j] - reached[t][j];
        sums[i * tags + j] += share * Math.exp(given);
      }
    }
  }
}
