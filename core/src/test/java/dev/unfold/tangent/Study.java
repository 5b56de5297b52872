package dev.unfold.tangent;

import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.Random;

/// A small network with a batch and a state before it, all drawn.
final class Study {
  static final int STEPS = 5;
  static final int BATCH = 2;
  static final int INPUT = 3;
  static final int CLASSES = 3;
  static final Kernels KERNELS = TestBackends.scalar(Precision.DOUBLE);

  final Random random = new Random(11);
  final Network network;
  final Batch batch;
  final State start;

  Study(NetworkSpec spec) {
    network = Network.create(spec, KERNELS, 1);
    // Larger than drawn, so that the loss is curved.
    scale(network.parameters(), 1.5);
    batch = Batch.of(STEPS, BATCH, inputs(spec), targets());
    start = State.zeros(spec, KERNELS.precision(), BATCH);
    start.layers().forEach(layer -> layer.forEach(this::draw));
  }

  /// The standard cell `name`, in two layers if its output has the size of its input only by chance.
  static Study of(String name) {
    return new Study(spec(name));
  }

  static NetworkSpec spec(String name) {
    Cell cell = Cells.named(name);
    return new NetworkSpec(cell, new Encoder.Vectors(INPUT), 4, 2, CLASSES);
  }

  static NetworkSpec ofHeads(String name) {
    Cell cell = Cells.named(name).withHeads(2);
    return new NetworkSpec(cell, new Encoder.Vectors(INPUT), 4, 2, CLASSES);
  }

  static NetworkSpec ofTokens() {
    return new NetworkSpec(Cells.gru(), new Encoder.Embedding(3, 2), 4, 2, CLASSES);
  }

  private Inputs inputs(NetworkSpec spec) {
    if (spec.encoder() instanceof Encoder.Embedding tokens) {
      return new Inputs.Tokens(random.ints(STEPS * BATCH, 0, tokens.vocabulary()).toArray(), 0);
    }
    Matrix values = Matrix.allocate(KERNELS.type(), STEPS * BATCH, INPUT);
    draw(values);
    return new Inputs.Vectors(values);
  }

  /// Every fifth step has none.
  private Targets.Classes targets() {
    int[] classes = random.ints(STEPS * BATCH, 0, CLASSES).toArray();
    for (int row = 3; row < classes.length; row += 5) {
      classes[row] = Targets.NO_TARGET;
    }
    return new Targets.Classes(classes, 0);
  }

  private void draw(Matrix matrix) {
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < matrix.cols(); c++) {
        Numbers.set(matrix, r, c, random.nextDouble(-1, 1));
      }
    }
  }

  /// A vector of as many numbers as there are parameters.
  Parameters vector() {
    Parameters vector = network.parameters().zeros();
    vector.tensors().forEach(tensor -> draw(vector.matrix(tensor.name())));
    return vector;
  }

  Curvature curvature(Reduction reduction) {
    return Curvature.of(network, batch, reduction, start);
  }

  /// The gradient of the loss of `of` as training computes it.
  Parameters gradient(Batch of, State from, Reduction reduction) {
    Parameters gradients = network.parameters().zeros();
    Bptt bptt = Bptt.of(network, Team.of(1), STEPS, of.batch(), new Engine.Full());
    bptt.start(from);
    bptt.gradient(of, reduction, gradients);
    return gradients;
  }

  Parameters gradient(Reduction reduction) {
    return gradient(batch, start, reduction);
  }

  /// The same with the parameters moved by `by` times `along`.
  Parameters gradientAt(Parameters along, double by, Reduction reduction) {
    Parameters here = network.parameters().copy();
    add(network.parameters(), along, by);
    Parameters gradient = gradient(reduction);
    network.parameters().set(here);
    return gradient;
  }

  static void add(Parameters to, Parameters from, double times) {
    for (Parameters.Tensor tensor : to.tensors()) {
      Matrix target = to.matrix(tensor.name());
      Matrix source = from.matrix(tensor.name());
      for (int r = 0; r < target.rows(); r++) {
        for (int c = 0; c < target.cols(); c++) {
          Numbers.set(target, r, c, Numbers.get(target, r, c) + times * Numbers.get(source, r, c));
        }
      }
    }
    to.changed();
  }

  static void scale(Parameters parameters, double by) {
    add(parameters, parameters.copy(), by - 1);
  }

  static double dot(Parameters a, Parameters b) {
    return KERNELS.sumOfProducts(a.all(), b.all());
  }

  /// The largest |a - b| / max(1, |a|) over all numbers.
  static double error(Parameters a, Parameters b) {
    double[] expected = a.buffer().toArray();
    double[] got = b.buffer().toArray();
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(expected[i] - got[i]) / Math.max(1, Math.abs(expected[i]));
      largest = Double.isNaN(error) ? Double.POSITIVE_INFINITY : Math.max(largest, error);
    }
    return largest;
  }
}
