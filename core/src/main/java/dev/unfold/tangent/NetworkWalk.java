package dev.unfold.tangent;

import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.plan.Plan;
import dev.unfold.sequence.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A whole network on a batch, with its loss and the tangents of all along a direction of the parameters. The readout
/// is one more layer, of one step with T*B rows. Of the softmax cross-entropy, with o = softmax(y), z
/// the target as a distribution and c for what the row counts,
///
///     delta_out = c (o - z)        d(delta_out) = c (o dy - o (o . dy))
final class NetworkWalk {
  private static final Map<String, String> READOUT =
      Map.of("weight_ih", Head.WEIGHT, "bias_ih", Head.BIAS);

  private final Batch batch;
  private final Kernels kernels;
  private final Optional<Parameters> direction;
  private final LayersWalk layers;
  private final LayerWalk readout;

  /// What the loss of each row counts; 0 for one without.
  private final double[] scales;

  /// What arrives at the readout's output.
  private final Dual arriving;

  private double loss;

  /// @param hasTangents whether there will be a direction
  NetworkWalk(Network network, Batch batch, Reduction reduction, State start, boolean hasTangents) {
    Studied.expect(network, batch, start);
    this.batch = batch;
    kernels = network.kernels();
    direction = hasTangents ? Optional.of(network.parameters().zeros()) : Optional.empty();
    int rows = batch.steps() * batch.batch();
    layers =
        new LayersWalk(network, batch.inputs(), direction, batch.steps(), batch.batch(), start);
    NetworkSpec spec = network.spec();
    int classes = spec.head().outputs();
    readout =
        new LayerWalk(
            kernels,
            Plan.of(readout(spec.hasReadoutBias()), spec.outputSize(), classes),
            layers.output(),
            network.parameters(),
            direction,
            READOUT::get,
            1,
            rows);
    arriving = Dual.zeros(kernels, rows, classes);
    double[] weights = reduction.weights(batch.amounts(spec.head()));
    scales = new double[rows];
    Targets targets = batch.targets();
    for (int row = 0; row < rows; row++) {
      scales[row] = targets.has(row) ? weights[row % batch.batch()] * targets.weight(row) : 0;
    }
  }

  /// net_y = W h + b as a cell, whose state nothing reads.
  private static Cell readout(boolean hasBias) {
    Cell cell =
        Cell.define(
            "readout",
            step -> {
              step.state("y");
              step.next("y", step.affine("net_y", step.input()));
            });
    return cell.withBias(hasBias ? Bias.PER_OPERAND : Bias.NONE);
  }

  /// Runs it with the network's parameters as they are now, along `along`.
  void forward(Parameters along) {
    direction.orElseThrow().set(along);
    forward();
  }

  /// The same along the direction that it was run along last, zeros at first.
  void forward() {
    layers.refresh();
    readout.refresh();
    layers.forward();
    readout.forward();
    compare();
  }

  /// The sum of the losses, each times what it counts.
  double loss() {
    return loss;
  }

  private void compare() {
    Targets.Classes targets = (Targets.Classes) batch.targets().plain();
    Matrix outputs = readout.output().value().toHost();
    Matrix tangents = readout.output().tangent().toHost();
    Matrix delta = arriving.value().toHost();
    Matrix deltaTangent = arriving.tangent().toHost();
    double[] y = new double[outputs.cols()];
    double[] dy = new double[outputs.cols()];
    loss = 0;
    for (int row = 0; row < scales.length; row++) {
      outputs.readRow(row, y);
      tangents.readRow(row, dy);
      int target = scales[row] == 0 ? 0 : targets.classes()[targets.from() + row];
      double rest = logSumOfExp(y);
      loss += scales[row] == 0 ? 0 : scales[row] * (rest - y[target]);
      double mean = 0;
      for (int k = 0; k < y.length; k++) {
        mean += Math.exp(y[k] - rest) * dy[k];
      }
      for (int k = 0; k < y.length; k++) {
        double o = Math.exp(y[k] - rest);
        delta.set(row, k, scales[row] * (o - (k == target ? 1 : 0)));
        deltaTangent.set(row, k, scales[row] * o * (dy[k] - mean));
      }
    }
    arriving.value().copy(delta);
    arriving.tangent().copy(deltaTangent);
  }

  private static double logSumOfExp(double... y) {
    double largest = Double.NEGATIVE_INFINITY;
    for (double value : y) {
      largest = Math.max(largest, value);
    }
    double sum = 0;
    for (double value : y) {
      sum += Math.exp(value - largest);
    }
    return largest + Math.log(sum);
  }

  /// The gradient of the loss, or its tangent along the direction: the Hessian times that.
  List<Share> back(Dual.Part part) {
    return back(arriving, part);
  }

  /// The gradient of what would send back to the outputs the tangents of what the loss sends there: the Gauss-Newton
  /// matrix times the direction.
  List<Share> backTangentOfLoss() {
    Dual own = Dual.zeros(kernels, scales.length, arriving.value().cols());
    own.value().copy(arriving.tangent());
    return back(own, Dual.Part.VALUE);
  }

  private List<Share> back(Dual from, Dual.Part part) {
    LayerWalk.Derivatives derivatives = readout.back(from);
    List<Share> shares = new ArrayList<>(derivatives.shares(part));
    shares.addAll(layers.back(derivatives.input(), part));
    return shares;
  }
}
