package dev.unfold.net;

import dev.unfold.bptt.Sequence;
import dev.unfold.kernels.Factor;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Team;

/// The linear readout with softmax cross-entropy over all T*B rows.
///
///     net_y(t) = W h(t) + b        E_t = -sum_k z_k(t) ln o_k(t)        o = softmax(net_y)
///     delta_out(t) = dE_t/dnet_y(t) = o(t) - z(t)
///     dE_t/dh(t) = W^T delta_out(t)        dE/dW = sum_t delta_out(t) h(t)^T
final class Readout {
  final Matrix logits;
  final double[] losses;

  private final Network network;
  private final Kernels kernels;
  private final Team team;
  private final Matrix output;
  private final Matrix outputGradient;
  private final Part[] parts;

  /// One thread's rows.
  private record Part(int from, Matrix output, Matrix logits, Factor forward, Factor back) {}

  Readout(Network network, Team team, Sequence output, Sequence outputGradient, int rows) {
    this.network = network;
    this.kernels = network.kernels();
    this.team = team;
    this.output = output.rows(rows);
    this.outputGradient = outputGradient.rows(rows);
    int classes = network.spec().classes();
    logits = Matrix.allocate(kernels.precision(), rows, classes);
    losses = new double[rows];
    parts = new Part[team.size()];
    for (int part = 0; part < parts.length; part++) {
      int from = Team.from(rows, part, parts.length);
      parts[part] = part(from, Team.from(rows, part + 1, parts.length) - from);
    }
  }

  private Part part(int from, int count) {
    Matrix own = logits.rows(from, count);
    Matrix ownGradient = outputGradient.rows(from, count);
    Matrix bias = null;
    if (network.spec().hasReadoutBias()) {
      Matrix row = network.parameters().matrix(Network.READOUT_BIAS);
      bias = Matrix.repeated(row.buffer(), row.offset(), count, own.cols());
    }
    NetworkWeights weights = network.weights();
    return new Part(
        from,
        output.rows(from, count),
        own,
        new Factor(weights.readout, bias, own),
        Factor.of(weights.readoutBack, ownGradient));
  }

  /// Sets the logits.
  void forward() {
    team.run((index, count) -> {
      Part part = parts[index];
      if (part.logits().rows() > 0) {
        kernels.multiply(part.output(), part.forward());
      }
    });
  }

  /// What one thread does to its rows of the logits: losses, and the logits replaced by scaled error
  /// signals.
  @FunctionalInterface
  interface Loss {
    void apply(Matrix logits, int from);
  }

  /// Sets the losses, and replaces the logits by delta_out.
  void loss(Loss loss) {
    team.run((index, count) -> {
      Part part = parts[index];
      if (part.logits().rows() > 0) {
        loss.apply(part.logits(), part.from());
      }
    });
  }

  /// Sets dE/dh(t) for all steps and adds to the gradients of W and b.
  void backward(Parameters gradients) {
    Matrix weight = gradients.matrix(Network.READOUT);
    Matrix bias = network.spec().hasReadoutBias() ? gradients.matrix(Network.READOUT_BIAS) : null;
    int classes = logits.cols();
    team.run((index, count) -> {
      Part part = parts[index];
      if (part.logits().rows() > 0) {
        kernels.multiply(part.logits(), part.back());
      }
      int from = Team.from(classes, index, count);
      int columns = Team.from(classes, index + 1, count) - from;
      if (columns > 0) {
        Matrix own = logits.columns(from, columns);
        kernels.multiplyTransposedAdd(own, output, weight.rows(from, columns));
        if (bias != null) {
          kernels.sumRowsAdd(own, bias.columns(from, columns));
        }
      }
    });
  }
}
