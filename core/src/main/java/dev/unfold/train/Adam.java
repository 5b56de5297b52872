package dev.unfold.train;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.Team;
import dev.unfold.net.Network;
import dev.unfold.net.Parameters;

/// Adam: steps of a size that adapts to each parameter's gradients.
///
///     m = b1 m + (1 - b1) g                 v = b2 v + (1 - b2) g^2
///     p = p - lr / (1 - b1^n) m / (sqrt(v / (1 - b2^n)) + eps)
///
/// at the n-th update, with b1 = 0.9, b2 = 0.999, eps = 1e-8 (PyTorch's defaults). The update is a
/// [Pointwise] program over all parameters.
///
/// **Memory**: twice the parameters.
///
/// **Source**: D. Kingma and J. Ba, Adam: a method for stochastic optimization, ICLR 2015.
public final class Adam implements Optimizer {
  /// Decay of the average of gradients.
  public static final double BETA1 = 0.9;

  /// Decay of the average of squared gradients.
  public static final double BETA2 = 0.999;

  /// Keeps the divisor from zero.
  public static final double EPSILON = 1e-8;

  private static final Pointwise UPDATE = update();

  private final Parameters parameters;
  private final Team team;
  private final Part[] parts;
  private long updates;

  /// One thread's range of the parameters.
  private record Part(PointwiseKernel kernel, Matrix[] operands) {}

  /// @param network whose parameters are changed
  /// @param gradients the derivatives of the loss, which are filled before each [#step]
  /// @param team the threads
  public Adam(Network network, Parameters gradients, Team team) {
    parameters = network.parameters();
    this.team = team;
    Parameters mean = parameters.zeros();
    Parameters square = parameters.zeros();
    Kernels kernels = network.kernels();
    int length = parameters.all().cols();
    parts = new Part[team.size()];
    for (int part = 0; part < parts.length; part++) {
      int from = Team.from(length, part, parts.length);
      int count = Team.from(length, part + 1, parts.length) - from;
      Matrix[] operands = {
        parameters.all().columns(from, count),
        gradients.all().columns(from, count),
        mean.all().columns(from, count),
        square.all().columns(from, count)
      };
      parts[part] = new Part(kernels.prepare(UPDATE), operands);
    }
  }

  private static Pointwise update() {
    Pointwise.Builder b = Pointwise.builder();
    Slot p = b.operand();
    Slot g = b.operand();
    Slot m = b.operand();
    Slot v = b.operand();
    Slot scale = b.scalar();
    Slot stepSize = b.scalar();
    Slot rootCorrection = b.scalar();
    Slot scaled = b.compute(Op.MULTIPLY, g, scale);
    Slot fresh = b.compute(Op.MULTIPLY, scaled, b.constant(1 - BETA1));
    b.emit(Op.MULTIPLY, m, m, b.constant(BETA1));
    b.emit(Op.ADD, m, m, fresh);
    Slot square = b.compute(Op.MULTIPLY, scaled, scaled);
    Slot freshSquare = b.compute(Op.MULTIPLY, square, b.constant(1 - BETA2));
    b.emit(Op.MULTIPLY, v, v, b.constant(BETA2));
    b.emit(Op.ADD, v, v, freshSquare);
    Slot root = b.compute(Op.DIVIDE, b.compute(Op.SQRT, v), rootCorrection);
    Slot divisor = b.compute(Op.ADD, root, b.constant(EPSILON));
    Slot step = b.compute(Op.DIVIDE, b.compute(Op.MULTIPLY, m, stepSize), divisor);
    return b.emit(Op.SUBTRACT, p, p, step).build();
  }

  @Override
  public void step(double scale, double learningRate) {
    updates++;
    double stepSize = learningRate / (1 - StrictMath.pow(BETA1, (double) updates));
    double rootCorrection = Math.sqrt(1 - StrictMath.pow(BETA2, (double) updates));
    team.run((part, count) ->
        parts[part].kernel().run(parts[part].operands(), scale, stepSize, rootCorrection));
    parameters.changed();
  }
}
