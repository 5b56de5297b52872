package dev.unfold.proof;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import java.util.Arrays;
import java.util.List;

/// Softmax cross-entropy with distributions as targets, averaged over the rows.
final class SoftTargets implements GoldenProof {
  private final GoldenTensor logits;
  private final GoldenTensor targets;
  private final double loss;
  private final GoldenTensor gradient;

  SoftTargets(GoldenCase golden) {
    golden.expectOnly("raw", "loss", "grad", "targets");
    logits = golden.tensor("raw");
    Integer[] shape = logits.shape().toArray(Integer[]::new);
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
    Matrix raw = logits.toMatrix(kernels.precision());
    int rows = raw.rows();
    double[] losses = new double[rows];
    double[] scales = new double[rows];
    Arrays.fill(scales, 1.0 / rows);
    Matrix got = Matrix.allocate(kernels.type(), rows, raw.cols());
    kernels.softmaxCrossEntropy(raw, targets.toMatrix(kernels.precision()), 0, scales, got, losses);
    comparison.compare("loss", loss, Arrays.stream(losses).sum() / rows);
    comparison.compare("grad", gradient, got);
  }
}
