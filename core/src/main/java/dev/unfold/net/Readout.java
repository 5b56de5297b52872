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

  private final Network network;
  private final Kernels kernels;
  private final Team team;
  private final Matrix output;
  private final Matrix outputGradient;
  private final double[] losses;
  private final int[] targets;
  private final Part[] parts;
  private final Team.Task forwardTask = this::runForward;
  private final Team.Task lossTask = this::runLoss;
  private final Team.Task backwardTask = this::runBackward;
  private Matrix softTargets;
  private double scale;
  private final Matrix[] weightGradients;

  /// Null if the readout has no bias; each is alone in its array, which the kernels take.
  private final Matrix[][] biasGradients;

  private NetworkGradients gradients;

  /// One thread's rows, and its classes.
  private record Part(
      int from,
      Matrix output,
      Matrix logits,
      Factor[] forward,
      Factor[] back,
      int firstClass,
      Matrix classLogits) {}

  Readout(Network network, Team team, Sequence output, Sequence outputGradient, int rows) {
    this.network = network;
    this.kernels = network.kernels();
    this.team = team;
    this.output = output.rows(rows);
    this.outputGradient = outputGradient.rows(rows);
    int classes = network.spec().classes();
    logits = Matrix.allocate(kernels.precision(), rows, classes);
    losses = new double[rows];
    targets = new int[rows];
    parts = new Part[team.size()];
    weightGradients = new Matrix[parts.length];
    biasGradients = new Matrix[parts.length][];
    for (int part = 0; part < parts.length; part++) {
      parts[part] = part(part, rows);
    }
  }

  private Part part(int index, int rows) {
    int from = Team.from(rows, index, parts.length);
    int count = Team.from(rows, index + 1, parts.length) - from;
    int firstClass = Team.from(logits.cols(), index, parts.length);
    int classes = Team.from(logits.cols(), index + 1, parts.length) - firstClass;
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
        new Factor[] {new Factor(weights.readout, bias, own)},
        new Factor[] {Factor.of(weights.readoutBack, ownGradient)},
        firstClass,
        logits.columns(firstClass, classes));
  }

  /// Sets the logits.
  void forward() {
    team.run(forwardTask);
  }

  private void runForward(int index, int count) {
    Part part = parts[index];
    if (part.logits().rows() > 0) {
      kernels.multiply(part.output(), part.forward());
    }
  }

  /// Sets the losses, which it returns, and replaces the logits by delta_out. The right class of row r is at
  /// `from` + r.
  double[] loss(int[] classes, int from, double scale) {
    System.arraycopy(classes, from, targets, 0, targets.length);
    return loss((Matrix) null, scale);
  }

  /// The same with a distribution over the classes for each row.
  double[] loss(Matrix distributions, double scale) {
    softTargets = distributions;
    this.scale = scale;
    team.run(lossTask);
    softTargets = null;
    return losses;
  }

  private void runLoss(int index, int count) {
    Part part = parts[index];
    Matrix own = part.logits();
    if (own.rows() == 0) {
      return;
    }
    if (softTargets == null) {
      kernels.softmaxCrossEntropy(own, targets, part.from(), scale, own, losses);
    } else {
      Matrix ownTargets = softTargets.rows(part.from(), own.rows());
      kernels.softmaxCrossEntropy(own, ownTargets, part.from(), scale, own, losses);
    }
  }

  /// E_t of row r, after a loss.
  double[] losses() {
    return losses;
  }

  /// Sets dE/dh(t) for all steps and adds to the gradients of W and b.
  void backward(NetworkGradients gradients) {
    aim(gradients);
    team.run(backwardTask);
  }

  /// Makes the windows onto the gradients, which are mostly those of the call before.
  private void aim(NetworkGradients gradients) {
    if (this.gradients == gradients) {
      return;
    }
    for (int i = 0; i < parts.length; i++) {
      int first = parts[i].firstClass();
      int count = parts[i].classLogits().cols();
      weightGradients[i] = gradients.readout().rows(first, count);
      Matrix bias = gradients.readoutBias();
      biasGradients[i] = bias == null ? null : new Matrix[] {bias.columns(first, count)};
    }
    this.gradients = gradients;
  }

  private void runBackward(int index, int count) {
    Part part = parts[index];
    if (part.logits().rows() > 0) {
      kernels.multiply(part.logits(), part.back());
    }
    Matrix own = part.classLogits();
    if (own.cols() > 0) {
      kernels.multiplyTransposedAdd(own, output, weightGradients[index]);
      if (biasGradients[index] != null) {
        kernels.sumRowsAdd(own, biasGradients[index]);
      }
    }
  }
}
