package dev.unfold.proof;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Team;
import dev.unfold.net.Network;
import dev.unfold.net.Parameters;
import dev.unfold.net.Reduction;
import dev.unfold.net.UnrolledNetwork;
import dev.unfold.train.Adam;
import dev.unfold.train.Optimizer;
import java.util.Map;

/// Training steps: a fresh batch each, mean loss, the gradient clipped by its norm, one update.
final class TrainingSteps implements GoldenProof {
  private final GoldenNetwork network;
  private final int updates;
  private final int steps;
  private final int batch;
  private final double learningRate;
  private final double clip;
  private final GoldenTensor inputs;
  private final int[] targets;
  private final double[] losses;
  private final double[] norms;
  private final Map<String, GoldenTensor> last;

  TrainingSteps(GoldenCase golden) {
    golden.expectOnly(
        "name",
        "cell",
        "optimizer",
        "optimizer_options",
        "clip_norm",
        "steps",
        "T",
        "B",
        "I",
        "H",
        "K",
        "params",
        "inputs",
        "targets",
        "losses",
        "gradient_norms",
        "final_params");
    if (!golden.text("optimizer").equals("Adam")) {
      throw new Unsupported("optimizer: there is no " + golden.text("optimizer"));
    }
    GoldenCase options = golden.object("optimizer_options");
    options.expectOnly("lr");
    learningRate = options.number("lr");
    network = GoldenNetwork.read(golden);
    updates = golden.size("steps");
    steps = golden.size("T");
    batch = golden.size("B");
    clip = golden.number("clip_norm");
    inputs = golden.tensor("inputs", updates, steps, batch, network.spec().encoder().width());
    targets = golden.indices("targets", network.spec().classes(), updates, steps, batch);
    losses = golden.numbers("losses", updates);
    norms = golden.numbers("gradient_norms", updates);
    last = golden.tensors("final_params");
    GoldenNetwork.expectShapes("final_params", network.spec(), last);
  }

  @Override
  public String kind() {
    return "training";
  }

  @Override
  public void run(Kernels kernels, Comparison comparison) {
    Network built = network.build(kernels);
    Parameters gradients = built.parameters().zeros();
    Team team = Team.of(1);
    Optimizer optimizer = new Adam(built, gradients, team);
    UnrolledNetwork unrolled = built.unroll(team, steps, batch);
    for (int update = 0; update < updates; update++) {
      unrolled.startFromZero();
      inputs.part(update).copyTo(unrolled.input());
      unrolled.forward();
      double loss = unrolled.loss(targets, update * steps * batch, Reduction.MEAN);
      comparison.compare("losses[" + update + "]", losses[update], loss);
      gradients.buffer().clear();
      unrolled.backward(gradients);
      double norm = Math.sqrt(kernels.sumOfSquares(gradients.all()));
      comparison.compare("gradient_norms[" + update + "]", norms[update], norm);
      // PyTorch adds 1e-6 to the norm that it divides by.
      optimizer.step(Math.min(1, clip / (norm + 1e-6)), learningRate);
    }
    GoldenNetwork.compare("final_params", last, built.parameters(), comparison);
  }
}
