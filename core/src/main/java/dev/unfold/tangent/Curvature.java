package dev.unfold.tangent;

import dev.unfold.argument.Expect;
import dev.unfold.head.Reduction;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.sequence.Batch;
import java.util.List;

/// Second derivatives of the loss E(p) of a batch with respect to all parameters p of a network, as products with a
/// vector v: the matrices, of P x P numbers, are never made.
///
///     H v = d/da grad E(p + a v) at a = 0                 the Hessian
///     G v = sum over rows of J^T E'' J v                  the Gauss-Newton matrix
///
/// with J = dy/dp of the outputs y of a row and E'' the second derivatives of its loss by these. H v is the tangent of
/// back-propagation itself (forward over reverse). G is H without the second derivatives of the network: positive
/// semi-definite, and with softmax cross-entropy the Fisher matrix of the model's own predictions.
///
///     Curvature curvature = Curvature.of(network, batch, Reduction.MEAN);
///     Parameters product = curvature.hessian(vector);
///
/// There are second derivatives for classes of each step by softmax cross-entropy, vectors or tokens as input, and
/// layers of any cells in one direction, without residual connections, masks, or missing steps; all else is refused. A
/// relu has no second derivative where it has one slope, and at 0 it has none.
///
/// **Shapes**: vectors and products are [Parameters] like those of the network.
///
/// **Memory**: for each step and row the states, operands and error signals with their tangents; of one step all
/// values.
///
/// **Threads**: one caller at a time.
///
/// **Source**: B. Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 6(1), 1994; N. Schraudolph,
/// Fast curvature matrix-vector products for second-order gradient descent, Neural Computation 14(7), 2002.
public final class Curvature {
  private final Network network;
  private final NetworkWalk walk;

  private Curvature(Network network, NetworkWalk walk) {
    this.network = network;
    this.walk = walk;
  }

  /// That of the loss of `batch`, whose sequences start from zeros.
  ///
  /// **Errors**: [IllegalArgumentException] that names what there are no second derivatives for.
  public static Curvature of(Network network, Batch batch, Reduction reduction) {
    Expect.given("network", network);
    return of(network, batch, reduction, network.zeroState(Expect.given("batch", batch).batch()));
  }

  /// The same for sequences that start from `start`.
  public static Curvature of(Network network, Batch batch, Reduction reduction, State start) {
    Expect.given("reduction", reduction);
    return new Curvature(network, new NetworkWalk(network, batch, reduction, start, true));
  }

  /// The loss with the network's parameters as they are now.
  public double loss() {
    walk.forward();
    return walk.loss();
  }

  /// Its gradient, as [dev.unfold.gradient.Bptt] computes it faster.
  public Parameters gradient() {
    walk.forward();
    return sum(walk.back(Dual.Part.VALUE));
  }

  /// The Hessian times `vector`.
  ///
  /// **Errors**: [IllegalArgumentException] if that is not like the network's parameters.
  public Parameters hessian(Parameters vector) {
    network.parameters().expectAlike("vector", vector);
    walk.forward(vector);
    return sum(walk.back(Dual.Part.TANGENT));
  }

  /// The Gauss-Newton matrix times `vector`.
  ///
  /// **Errors**: as [#hessian].
  public Parameters gaussNewton(Parameters vector) {
    network.parameters().expectAlike("vector", vector);
    walk.forward(vector);
    return sum(walk.backTangentOfLoss());
  }

  private Parameters sum(List<Share> shares) {
    Parameters sum = network.parameters().zeros();
    shares.forEach(share -> share.addTo(network.kernels(), sum));
    return sum;
  }
}
