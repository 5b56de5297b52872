package dev.unfold.proof;

import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.List;

/// A loss of values, averaged over rows and columns, through a network whose output is its input.
final class ValueTargets implements GoldenProof {
  private final ValueLoss valueLoss;
  private final GoldenTensor raw;
  private final GoldenTensor targets;
  private final double loss;
  private final GoldenTensor gradient;

  ValueTargets(String name, GoldenCase golden) {
    golden.expectOnly("raw", "loss", "grad", "targets");
    valueLoss =
        switch (name) {
          case "mse" -> new ValueLoss.SquaredError();
          case "mae" -> new ValueLoss.AbsoluteError();
          case "huber_delta_1" -> new ValueLoss.Huber(1);
          case "quantile_0.9" -> new ValueLoss.Quantile(0.9);
          case "bce_with_logits" -> new ValueLoss.SigmoidCrossEntropy();
          default -> throw new Unsupported(name + ": there is no such loss");
        };
    raw = golden.tensor("raw");
    Integer[] shape = raw.shape().toArray(Integer[]::new);
    if (shape.length != 2) {
      throw new Unsupported("raw: expected two sizes, got " + List.of(shape));
    }
    targets = golden.tensor("targets", shape);
    loss = golden.number("loss");
    gradient = golden.tensor("grad", shape);
  }

  @Override
  public String kind() {
    return "loss function";
  }

  @Override
  public void run(Kernels kernels, Comparison comparison) {
    int rows = raw.shape().getFirst();
    int width = raw.shape().getLast();
    UnrolledNetwork unrolled =
        UnrolledNetwork.of(
            Identity.network(kernels, new Head.Values(width, valueLoss)), Team.of(1), rows, 1);
    raw.copyTo(unrolled.input());
    unrolled.forward();
    Targets values = new Targets.Values(targets.toMatrix(kernels.precision()));
    // PyTorch averages over the columns of likelihoods as well.
    double divisor = valueLoss.isLikelihood() ? width : 1;
    comparison.compare("loss", loss, unrolled.loss(values, Reduction.MEAN) / divisor);
    Matrix slopes = unrolled.logits();
    for (int row = 0; row < rows; row++) {
      for (int col = 0; col < width; col++) {
        slopes.set(row, col, slopes.get(row, col) / divisor);
      }
    }
    comparison.compare("grad", gradient, slopes);
  }
}
