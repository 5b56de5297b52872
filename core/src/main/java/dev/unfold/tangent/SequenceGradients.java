package dev.unfold.tangent;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.Kernels;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.sequence.Batch;
import java.util.List;

/// What each sequence of a batch adds to the gradient: G_b, with grad E = sum_b G_b.
///
/// A weight gradient is a sum over steps of delta(t)^T u(t), so that its length needs no gradient, only products of the
/// rows of two steps:
///
///     |G_b|^2 = sum_{t,t'} (delta(t) . delta(t')) (u(t) . u(t'))
///
/// For T steps and a matrix `[N, K]` these are T^2 (N + K) / 2 multiplications; the gradient would be T N K, and B of
/// them B N K numbers.
///
/// It is there for what [Curvature] is there for.
///
/// **Memory**: for each step and row the operands and error signals; [#gradient] one set of parameters.
///
/// **Threads**: any number may read it.
///
/// **Source**: I. Goodfellow, Efficient per-example gradient computations, arXiv:1510.01799, for one product; the sum
/// over pairs of steps for those that share it.
public final class SequenceGradients {
  private final Parameters alike;
  private final Kernels kernels;
  private final List<Share> shares;
  private final int batch;

  private SequenceGradients(Network network, List<Share> shares, int batch) {
    alike = network.parameters().zeros();
    kernels = network.kernels();
    this.shares = shares;
    this.batch = batch;
  }

  /// Those of `batch`, whose sequences start from zeros.
  ///
  /// **Errors**: [IllegalArgumentException] as [Curvature#of].
  public static SequenceGradients of(Network network, Batch batch, Reduction reduction) {
    Expect.given("network", network);
    return of(network, batch, reduction, network.zeroState(Expect.given("batch", batch).batch()));
  }

  /// The same for sequences that start from `start`.
  public static SequenceGradients of(
      Network network, Batch batch, Reduction reduction, State start) {
    Expect.given("reduction", reduction);
    NetworkWalk walk = new NetworkWalk(network, batch, reduction, start, false);
    walk.forward();
    return new SequenceGradients(network, walk.back(Dual.Part.VALUE), batch.batch());
  }

  /// B
  public int batch() {
    return batch;
  }

  /// G_b
  ///
  /// **Errors**: [IllegalArgumentException] if there is no such sequence.
  public Parameters gradient(int b) {
    if (b < 0 || b >= batch) {
      throw new Refusal("sequence", "0 to B-1=%d".formatted(batch - 1), b);
    }
    Parameters own = alike.zeros();
    shares.forEach(share -> addTo(share.sequence(b, batch), own));
    return own;
  }

  /// The gradient of the batch.
  public Parameters sum() {
    Parameters sum = alike.zeros();
    shares.forEach(share -> addTo(share, sum));
    return sum;
  }

  private void addTo(Share share, Parameters gradients) {
    share.addTo(kernels, gradients);
  }

  /// |G_b| of each sequence.
  public double[] norms() {
    double[] norms = new double[batch];
    for (int b = 0; b < batch; b++) {
      int own = b;
      double squares =
          shares.stream().mapToDouble(share -> share.sequence(own, batch).squaredNorm()).sum();
      // A sum of products may be less than 0 by rounding where the gradient is all but 0.
      norms[b] = Math.sqrt(Math.max(0, squares));
    }
    return norms;
  }

  /// The gradient noise scale, as far as one batch tells.
  ///
  /// **Errors**: [IllegalArgumentException] for one sequence alone.
  public NoiseScale noiseScale() {
    return NoiseScale.of(norms(), Math.sqrt(kernels.sumOfSquares(sum().all())));
  }
}
