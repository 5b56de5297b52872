package dev.unfold.unroll;

import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.library.Cells;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.Layer;
import dev.unfold.layer.Sequence;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.ErrorSignals;
import java.util.Arrays;

/// What the library computes for an [Elman] network, in double on the scalar backend.
final class ElmanByLibrary {
  private static final String V = "weight_ih_l0";
  private static final String U = "weight_hh_l0";
  private static final String W = "head.weight";

  private final Elman elman;
  private final int steps;
  private final Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
  private final Team team = Team.of(1);
  private final Network network;

  private ElmanByLibrary(Elman elman) {
    this.elman = elman;
    steps = elman.steps();
    network = network(Cells.elman(elman.f()).withBias(Bias.NONE));
  }

  static Elman.Values values(Elman elman) {
    return new ElmanByLibrary(elman).values();
  }

  private Elman.Values values() {
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, steps, 1);
    fill(unrolled.input(), elman.x());
    unrolled.forward();
    double[][] h = copy(unrolled.output(0));
    double[][] netY = copy(unrolled.logits());
    double loss = unrolled.loss(matrix(elman.z()), Reduction.SUM);
    double[][] deltaOut = copy(unrolled.logits());
    double[][] o = new double[steps][elman.classes()];
    for (int t = 0; t < steps; t++) {
      for (int k = 0; k < o[t].length; k++) {
        o[t][k] = deltaOut[t][k] + elman.z()[t][k];
      }
    }
    double[] losses = unrolled.losses().clone();
    Parameters gradients = network.parameters().zeros();
    unrolled.backward(gradients);
    Elman.Gradients[] ofOne = new Elman.Gradients[steps];
    for (int t = 0; t < steps; t++) {
      ofOne[t] = ofOne(t);
    }
    return new Elman.Values(
        netH(), h, netY, o, losses, loss, deltaOut, delta(), sums(deltaOut), ofOne, of(gradients));
  }

  /// The pre-activations: the output of the same equations with `net_h` as the cell's output.
  private double[][] netH() {
    Cell open =
        Cell.define(
                "open",
                step -> {
                  Expr net = step.affine("net_h", step.input(), step.state("h"));
                  step.next("h", elman.f().of(net));
                  step.output(net);
                })
            .withBias(Bias.NONE);
    UnrolledNetwork unrolled = UnrolledNetwork.of(network(open), team, steps, 1);
    fill(unrolled.input(), elman.x());
    unrolled.forward();
    return copy(unrolled.output(0));
  }

  private double[][][] delta() {
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, steps, 1);
    fill(unrolled.input(), elman.x());
    unrolled.forward();
    unrolled.loss(matrix(elman.z()), Reduction.SUM);
    ErrorSignals signals = unrolled.errorSignals();
    int recurrent = network.weights().layers.getFirst().getFirst().groups().indexOf("hh");
    double[][][] delta = new double[steps][steps][];
    for (int t = 0; t < steps; t++) {
      double[][] ofError = copy(signals.deltas().get(t).getFirst().get(recurrent));
      for (int earlier = 0; earlier < steps; earlier++) {
        delta[earlier][t] = ofError[earlier];
      }
    }
    return delta;
  }

  /// The error signals as training has them: summed over the error times while they go back.
  private double[][] sums(double[][] deltaOut) {
    Layer layer = network.weights().layers.getFirst().getFirst();
    Sequence input = Sequence.allocate(network.kernels(), steps, elman.inputs());
    fill(input.rows(steps), elman.x());
    UnrolledLayer unrolled = new UnrolledLayer(layer, team, input, null, steps, 1);
    unrolled.forward();
    Matrix outputGradient = unrolled.outputGradient().rows(steps);
    for (int t = 0; t < steps; t++) {
      for (int i = 0; i < elman.hidden(); i++) {
        double sum = 0;
        for (int k = 0; k < elman.classes(); k++) {
          sum += deltaOut[t][k] * elman.w()[k][i];
        }
        Numbers.set(outputGradient, t, i, sum);
      }
    }
    Parameters gradients = network.parameters().zeros();
    unrolled.backward(network.weights().ofLayer(0, gradients).getFirst());
    return copy(unrolled.errorSignals(layer.groups().indexOf("hh")).rows(steps));
  }

  /// The gradients of E_t alone: the targets of all other steps have no mass, so their losses are 0.
  private Elman.Gradients ofOne(int t) {
    double[][] targets = new double[steps][elman.classes()];
    targets[t] = elman.z()[t];
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, steps, 1);
    fill(unrolled.input(), elman.x());
    unrolled.forward();
    unrolled.loss(matrix(targets), Reduction.SUM);
    Parameters gradients = network.parameters().zeros();
    unrolled.backward(gradients);
    return of(gradients);
  }

  /// The gradients that windows of `window` steps give, the state carried from one to the next.
  static Elman.Gradients truncated(Elman elman, int window) {
    ElmanByLibrary library = new ElmanByLibrary(elman);
    Parameters gradients = library.network.parameters().zeros();
    UnrolledNetwork previous = null;
    for (int from = 0; from < library.steps; from += window) {
      int count = Math.min(window, library.steps - from);
      UnrolledNetwork unrolled = UnrolledNetwork.of(library.network, library.team, count, 1);
      if (previous != null) {
        unrolled.startAfter(previous);
      }
      fill(unrolled.input(), Arrays.copyOfRange(elman.x(), from, from + count));
      unrolled.forward();
      unrolled.loss(matrix(Arrays.copyOfRange(elman.z(), from, from + count)), Reduction.SUM);
      unrolled.backward(gradients);
      previous = unrolled;
    }
    return of(gradients);
  }

  private Network network(Cell cell) {
    NetworkSpec spec =
        new NetworkSpec(
            cell, new Encoder.Vectors(elman.inputs()), elman.hidden(), 1, elman.classes());
    Network made = Network.zeros(spec, kernels);
    fill(made.parameters().matrix(V), elman.v());
    fill(made.parameters().matrix(U), elman.u());
    fill(made.parameters().matrix(W), elman.w());
    made.parameters().changed();
    return made;
  }

  private static Elman.Gradients of(Parameters gradients) {
    return new Elman.Gradients(
        copy(gradients.matrix(V)), copy(gradients.matrix(U)), copy(gradients.matrix(W)));
  }

  private static Matrix matrix(double[][] values) {
    Matrix matrix = Matrix.allocate(ElementType.FLOAT64, values.length, values[0].length);
    fill(matrix, values);
    return matrix;
  }

  static void fill(Matrix matrix, double[][] values) {
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < matrix.cols(); c++) {
        Numbers.set(matrix, r, c, values[r][c]);
      }
    }
  }

  static double[][] copy(Matrix matrix) {
    double[][] copy = new double[matrix.rows()][matrix.cols()];
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < matrix.cols(); c++) {
        copy[r][c] = Numbers.get(matrix, r, c);
      }
    }
    return copy;
  }
}
