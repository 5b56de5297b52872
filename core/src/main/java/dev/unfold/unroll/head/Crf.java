package dev.unfold.unroll.head;

import dev.unfold.head.Head;
import dev.unfold.head.LinearChain;
import dev.unfold.head.Posterior;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.HeadGradients;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkHead;
import dev.unfold.model.Parameters;
import java.util.Arrays;

/// The loss of a linear-chain conditional random field, E = -ln p(tags) of each sequence ([LinearChain]), whose
/// derivatives are what is expected less what is there:
///
///     dE/de_k(t) = p(y(t) = k) - [y(t) = k]        dE/dstart, dE/dend: the same at the first and the last step
///     dE/dtransitions_ij = sum_{t>0} p(y(t-1) = i, y(t) = j) - [y(t-1) = i, y(t) = j]
///
/// **Memory**: K (K + 2) numbers for each sequence, kept; 4 T K for one sequence of each thread while it is computed;
/// on the heap.
///
/// **Threads**: any number, each for other sequences. What they give is summed in the order of the sequences.
final class Crf {
  private final Network network;
  private final NetworkHead head;

  /// For each sequence its part of the derivatives by transitions, start and end, one after the other.
  private final double[][] parts;

  private final int tags;

  /// With the parameters as they were at the last [#start].
  private LinearChain chain;

  Crf(Network network, NetworkHead head, int batch) {
    this.network = network;
    this.head = head;
    tags = head.outputs();
    parts = new double[batch][tags * (tags + 2)];
  }

  /// Begins with a batch.
  void start() {
    Parameters all = network.parameters();
    chain =
        LinearChain.of(
            all.matrix(head.name(Head.Tags.START)),
            all.matrix(head.name(Head.Tags.TRANSITIONS)),
            all.matrix(head.name(Head.Tags.END)));
    for (double[] part : parts) {
      Arrays.fill(part, 0);
    }
  }

  /// Replaces the emissions of a sequence by `scale` times the derivatives.
  ///
  /// @param emissions net_y of all rows, in the host's memory
  /// @param b which sequence of the batch
  /// @param rows those of its steps, one or more
  /// @param classes the tag of each of all rows
  /// @return E
  double run(Matrix emissions, int b, int[] rows, int[] classes, double scale) {
    int[] own = Arrays.stream(rows).map(row -> classes[row]).toArray();
    Posterior posterior = chain.posterior(emissions, rows);
    int last = own.length - 1;
    double[] sums = parts[b];
    int start = tags * tags;
    int end = start + tags;
    posterior.addPairs(sums, scale);
    for (int t = 1; t <= last; t++) {
      sums[own[t - 1] * tags + own[t]] -= scale;
    }
    for (int k = 0; k < tags; k++) {
      sums[start + k] = scale * (posterior.marginal(0, k) - (k == own[0] ? 1 : 0));
      sums[end + k] = scale * (posterior.marginal(last, k) - (k == own[last] ? 1 : 0));
      for (int t = 0; t <= last; t++) {
        double difference = posterior.marginal(t, k) - (k == own[t] ? 1 : 0);
        emissions.set(rows[t], k, scale * difference);
      }
    }
    return posterior.loss(own);
  }

  /// Adds the derivatives by transitions, start and end.
  void addGradients(HeadGradients gradients) {
    add(gradients.transitions(), 0);
    add(gradients.start(), tags * tags);
    add(gradients.end(), tags * (tags + 1));
  }

  private void add(Matrix to, int from) {
    Matrix here = to.toHost();
    for (int row = 0; row < here.rows(); row++) {
      for (int col = 0; col < tags; col++) {
        double sum = 0;
        for (double[] part : parts) {
          sum += part[from + row * tags + col];
        }
        here.set(row, col, here.get(row, col) + sum);
      }
    }
    to.copy(here);
  }
}
