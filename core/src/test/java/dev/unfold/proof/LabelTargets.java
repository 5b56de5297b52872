package dev.unfold.proof;

import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Arrays;

/// Connectionist temporal classification through a network whose output is its input.
final class LabelTargets implements GoldenProof {
  private final GoldenTensor raw;
  private final int[] lengths;
  private final int[][] labels;
  private final double loss;
  private final GoldenTensor gradient;

  LabelTargets(GoldenCase golden) {
    golden.expectOnly("raw", "loss", "grad", "targets", "input_lengths", "target_lengths", "note");
    raw = golden.tensor("raw");
    if (raw.shape().size() != 3) {
      throw new Unsupported("raw: expected three sizes, got " + raw.shape());
    }
    int steps = raw.shape().get(0);
    int batch = raw.shape().get(1);
    lengths = golden.indices("input_lengths", steps + 1, batch);
    int[] counts = golden.indices("target_lengths", steps + 1, batch);
    int most = Arrays.stream(counts).max().orElseThrow();
    int[] all = golden.indices("targets", raw.shape().get(2), batch, most);
    labels = new int[batch][];
    Arrays.setAll(labels, b -> Arrays.copyOfRange(all, b * most, b * most + counts[b]));
    loss = golden.number("loss");
    gradient = golden.tensor("grad", raw.shape().toArray(Integer[]::new));
  }

  @Override
  public String kind() {
    return "loss function";
  }

  @Override
  public void run(Kernels kernels, Comparison comparison) {
    int steps = raw.shape().get(0);
    UnrolledNetwork unrolled =
        UnrolledNetwork.of(
            Identity.network(kernels, new Head.Labels(raw.shape().get(2), 0)),
            Team.of(2),
            steps,
            labels.length);
    raw.copyTo(unrolled.input());
    unrolled.lengths(lengths);
    unrolled.forward();
    double own = unrolled.loss(new Targets.Labels(labels, steps), Reduction.SUM);
    comparison.compare("loss", loss, own);
    comparison.compare("grad", gradient, unrolled.logits());
  }
}
