package dev.unfold.proof;

import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Arrays;
import java.util.List;

/// The loss of one number and its slopes, as they were computed elsewhere in many digits.
///
/// **Tolerance**: 1e-12 of the scales in double, which is some thousand roundings, as logarithms of numbers of
/// hundreds have lost some digits before; 4e-6 in float, 67 roundings. A slope that is kept in float is rounded to the
/// least number as well.
///
/// @param outputs one of each sort
/// @param target z
/// @param value the loss
/// @param slopes by each output
/// @param valueScale the sum of the absolute terms that the loss is made of
/// @param slopeScales those of each slope
record NumberCase(
    ValueLoss loss,
    double[] outputs,
    double target,
    double value,
    double[] slopes,
    double valueScale,
    double[] slopeScales) {

  /// One of a golden case's rows.
  static NumberCase read(GoldenCase row) {
    row.expectOnly(
        "loss", "parameter", "outputs", "target", "value", "slopes", "value_scale", "slope_scales");
    ValueLoss loss = loss(row.text("loss"), row.has("parameter") ? row.number("parameter") : 0);
    return new NumberCase(
        loss,
        row.numbers("outputs", loss.outputsPerNumber()),
        row.number("target"),
        row.number("value"),
        row.numbers("slopes", loss.outputsPerNumber()),
        row.number("value_scale"),
        row.numbers("slope_scales", loss.outputsPerNumber()));
  }

  /// A line of a table: loss, parameter, outputs, target, value, slopes, scale of the value, scales of the slopes.
  static NumberCase parse(String line) {
    String[] words = line.strip().split(" +");
    ValueLoss loss = loss(words[0], words[1].equals("-") ? 0 : Double.parseDouble(words[1]));
    double[] n = Arrays.stream(words).skip(2).mapToDouble(Double::parseDouble).toArray();
    int perNumber = loss.outputsPerNumber();
    return new NumberCase(
        loss,
        Arrays.copyOfRange(n, 0, perNumber),
        n[perNumber],
        n[perNumber + 1],
        Arrays.copyOfRange(n, perNumber + 2, 2 * perNumber + 2),
        n[2 * perNumber + 2],
        Arrays.copyOfRange(n, 2 * perNumber + 3, 3 * perNumber + 3));
  }

  private static ValueLoss loss(String name, double parameter) {
    return switch (name) {
      case "squared_error" -> new ValueLoss.SquaredError();
      case "absolute_error" -> new ValueLoss.AbsoluteError();
      case "quantile" -> new ValueLoss.Quantile(parameter);
      case "huber" -> new ValueLoss.Huber(parameter);
      case "sigmoid_cross_entropy" -> new ValueLoss.SigmoidCrossEntropy();
      case "gaussian" -> new ValueLoss.Gaussian();
      case "student_t" -> new ValueLoss.StudentT(parameter);
      case "negative_binomial" -> new ValueLoss.NegativeBinomial(parameter);
      default -> {
        try {
          yield ValueLoss.parse(name);
        } catch (IllegalArgumentException e) {
          throw new Unsupported(e.getMessage());
        }
      }
    };
  }

  /// Computes cases of one loss, `width` of them side by side in a row, and compares.
  static void check(Kernels kernels, List<NumberCase> cases, int width) {
    ValueLoss loss = cases.getFirst().loss();
    int rows = Math.ceilDiv(cases.size(), width);
    Network network = Identity.network(kernels, new Head.Values(width, loss));
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(2), rows, 1);
    Matrix values = Matrix.allocate(kernels.type(), rows, width);
    for (int i = 0; i < rows * width; i++) {
      // The last row is filled up with cases from the beginning.
      NumberCase own = cases.get(i % cases.size());
      values.set(i / width, i % width, own.target());
      for (int part = 0; part < loss.outputsPerNumber(); part++) {
        unrolled.input().set(i / width, part * width + i % width, own.outputs()[part]);
      }
    }
    unrolled.forward();
    unrolled.loss(new Targets.Values(values), Reduction.SUM);
    double tolerance = kernels.precision() == Precision.DOUBLE ? 1e-12 : 4e-6;
    double divisor = loss.isLikelihood() ? 1 : width;
    for (int row = 0; row < rows; row++) {
      double sum = 0;
      double scale = 0;
      for (int n = 0; n < width; n++) {
        NumberCase own = cases.get((row * width + n) % cases.size());
        sum += own.value() / divisor;
        scale += own.valueScale() / divisor;
        for (int part = 0; part < loss.outputsPerNumber(); part++) {
          double got = unrolled.logits().get(row, part * width + n);
          double allowed = tolerance * own.slopeScales()[part] / divisor + least(kernels);
          own.compare("slope " + part, own.slopes()[part] / divisor, got, allowed, kernels);
        }
      }
      NumberCase first = cases.get(row * width % cases.size());
      first.compare("loss", sum, unrolled.losses()[row], tolerance * scale, kernels);
    }
  }

  private static double least(Kernels kernels) {
    return kernels.precision() == Precision.DOUBLE ? Double.MIN_VALUE : Float.MIN_VALUE;
  }

  /// Written so that NaN fails.
  private void compare(String what, double expected, double got, double allowed, Kernels kernels) {
    if (!(Math.abs(got - expected) <= allowed)) {
      throw new AssertionError(
          "%s %s, %s at %s for %s: expected the %s to be %s within %s, got %s"
              .formatted(
                  kernels.name(),
                  kernels.precision(),
                  loss,
                  Arrays.toString(outputs),
                  target,
                  what,
                  expected,
                  allowed,
                  got));
    }
  }
}
