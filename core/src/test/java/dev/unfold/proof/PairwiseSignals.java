package dev.unfold.proof;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Bias;
import dev.unfold.cell.library.Cells;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.NetworkSpec;
import dev.unfold.sequence.ErrorSignals;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Map;

/// The error signals of every pair of error time and hidden time of an Elman network without biases, and
/// each E_t's own gradients.
final class PairwiseSignals implements GoldenProof {
  private static final Map<String, String> PARAMETERS =
      Map.of("V", "weight_ih_l0", "U", "weight_hh_l0", "W", "head.weight");

  private final GoldenNetwork network;
  private final int steps;
  private final GoldenTensor input;
  private final GoldenTensor targets;
  private final double[] errors;
  private final GoldenTensor delta;
  private final Map<String, GoldenTensor> gradients;

  PairwiseSignals(GoldenCase golden) {
    golden.expectOnly(
        "name",
        "activation",
        "T",
        "I",
        "H",
        "K",
        "V",
        "U",
        "W",
        "input",
        "targets",
        "errors",
        "delta",
        "per_step_gradients");
    steps = golden.size("T");
    int width = golden.size("I");
    int hidden = golden.size("H");
    int classes = golden.size("K");
    Activation activation =
        switch (golden.text("activation")) {
          case "tanh" -> Activation.TANH;
          case "sigmoid" -> Activation.SIGMOID;
          case "relu" -> Activation.RELU;
          case "identity" -> Activation.IDENTITY;
          default -> throw new Unsupported("activation: there is no " + golden.text("activation"));
        };
    NetworkSpec spec =
        new NetworkSpec(
            Cells.elman(activation).withBias(Bias.NONE),
            new Encoder.Vectors(width),
            hidden,
            1,
            classes);
    network =
        new GoldenNetwork(
            spec,
            Map.of(
                PARAMETERS.get("V"), golden.tensor("V", hidden, width),
                PARAMETERS.get("U"), golden.tensor("U", hidden, hidden),
                PARAMETERS.get("W"), golden.tensor("W", classes, hidden)));
    input = golden.tensor("input", steps, width);
    targets = golden.tensor("targets", steps, classes);
    errors = golden.numbers("errors", steps);
    delta = golden.tensor("delta", steps, steps, hidden);
    GoldenCase own = golden.object("per_step_gradients");
    own.expectOnly("V", "U", "W");
    gradients =
        Map.of(
            "V", own.tensor("V", steps, hidden, width),
            "U", own.tensor("U", steps, hidden, hidden),
            "W", own.tensor("W", steps, classes, hidden));
  }

  @Override
  public String kind() {
    return "error signals";
  }

  @Override
  public void run(Kernels kernels, Comparison comparison) {
    UnrolledNetwork unrolled = UnrolledNetwork.of(network.build(kernels), Team.of(1), steps, 1);
    input.copyTo(unrolled.input());
    unrolled.forward();
    Matrix distribution = targets.toMatrix(kernels.precision());
    unrolled.loss(distribution, Reduction.SUM);
    comparison.compare("errors", errors, unrolled.losses());
    ErrorSignals pairwise = unrolled.errorSignals();
    for (int t = 0; t < steps; t++) {
      for (int g = 0; g < pairwise.groups().size(); g++) {
        comparison.compare(
            "delta[" + t + "] at " + pairwise.groups().get(g),
            delta.part(t),
            pairwise.deltas().get(t).getFirst().get(g));
      }
      for (Map.Entry<String, GoldenTensor> entry : gradients.entrySet()) {
        comparison.compare(
            "dE_" + t + "/d" + entry.getKey(),
            entry.getValue().part(t),
            pairwise.gradients().get(t).matrix(PARAMETERS.get(entry.getKey())));
      }
    }
  }
}
