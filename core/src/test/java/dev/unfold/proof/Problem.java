package dev.unfold.proof;

import dev.unfold.head.Reduction;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A network with drawn parameters, inputs, initial state and targets, and all numbers that its loss is a
/// function of.
final class Problem {
  final Network network;
  final UnrolledNetwork unrolled;
  final State initial;
  private final int[] targets;

  /// Numbers that the loss depends on, and the derivatives with respect to them.
  record Variable(String name, Matrix values, Matrix gradient) {}

  private Problem(Network network, Team team, int steps, int batch, Random random) {
    this.network = network;
    unrolled = UnrolledNetwork.of(network, team, steps, batch);
    initial = unrolled.initialStateGradient();
    targets = random.ints((long) steps * batch, 0, network.spec().outputs()).toArray();
    for (Parameters.Tensor tensor : network.parameters().tensors()) {
      Matrix matrix = network.parameters().matrix(tensor.name());
      if (tensor.name().startsWith("p")) {
        fillAwayFromZero(matrix, random);
      } else {
        fill(matrix, RandomCell.WEIGHTS, random);
      }
    }
    network.parameters().changed();
    fill(unrolled.input(), RandomCell.VALUES, random);
    initial.layers().forEach(states -> states.forEach(s -> fill(s, 1, random)));
  }

  /// The problem that `seed` draws for a network of vectors.
  static Problem draw(
      NetworkSpec spec, Kernels kernels, Team team, int steps, int batch, long seed) {
    return new Problem(Network.zeros(spec, kernels), team, steps, batch, new Random(seed));
  }

  private static void fill(Matrix matrix, double radius, Random random) {
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < matrix.cols(); c++) {
        Numbers.set(matrix, r, c, random.nextDouble(-radius, radius));
      }
    }
  }

  private static void fillAwayFromZero(Matrix matrix, Random random) {
    for (int c = 0; c < matrix.cols(); c++) {
      double magnitude = random.nextDouble(RandomCell.VECTORS_FROM, RandomCell.VECTORS_TO);
      Numbers.set(matrix, 0, c, random.nextBoolean() ? magnitude : -magnitude);
    }
  }

  /// All E_t, computed anew.
  double[] losses() {
    network.parameters().changed();
    unrolled.start(initial);
    unrolled.forward();
    unrolled.loss(targets, 0, Reduction.SUM);
    return unrolled.losses().clone();
  }

  /// Runs forward and back, and returns all variables: parameters, input, initial state.
  List<Variable> variables() {
    Parameters gradients = network.parameters().zeros();
    losses();
    unrolled.backward(gradients);
    List<Variable> variables = new ArrayList<>();
    for (Parameters.Tensor tensor : network.parameters().tensors()) {
      variables.add(
          new Variable(
              tensor.name(),
              network.parameters().matrix(tensor.name()),
              gradients.matrix(tensor.name())));
    }
    variables.add(new Variable("input", unrolled.input(), copy(unrolled.inputGradient())));
    State stateGradient = unrolled.initialStateGradient();
    for (int l = 0; l < initial.layers().size(); l++) {
      for (int s = 0; s < initial.layers().get(l).size(); s++) {
        variables.add(
            new Variable(
                "state %d(-1) of layer %d".formatted(s, l),
                initial.layers().get(l).get(s),
                stateGradient.layers().get(l).get(s)));
      }
    }
    return variables;
  }

  private static Matrix copy(Matrix source) {
    HostBuffer buffer = HostBuffer.allocate(source.buffer().type(), source.buffer().length());
    buffer.copy(source.buffer(), 0, 0, buffer.length());
    return Matrix.of(buffer, source.offset(), source.rows(), source.cols(), source.stride());
  }
}
