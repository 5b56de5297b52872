package dev.unfold.proof;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Team;
import dev.unfold.net.Network;
import dev.unfold.net.Parameters;
import dev.unfold.net.Reduction;
import dev.unfold.net.UnrolledNetwork;
import dev.unfold.train.Optimizer;
import dev.unfold.train.OptimizerSpec;
import java.util.List;
import java.util.Map;

/// Training steps: a fresh batch each, mean loss, the gradient clipped by its norm, one update.
final class TrainingSteps implements GoldenProof {
  private final GoldenNetwork network;
  private final int updates;
  private final int steps;
  private final int batch;
  private final double learningRate;
  private final double decay;
  private final OptimizerSpec optimizer;
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
    GoldenCase how = golden.object("optimizer_options");
    learningRate = how.number("lr");
    decay = how.has("weight_decay") ? how.number("weight_decay") : 0;
    optimizer = optimizer(golden.text("optimizer"), how);
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

  private static OptimizerSpec optimizer(String name, GoldenCase how) {
    return switch (name) {
      case "Adam" -> {
        how.expectOnly("lr");
        yield new OptimizerSpec.Adam();
      }
      case "AdamW" -> {
        how.expectOnly("lr", "weight_decay");
        yield new OptimizerSpec.Adam();
      }
      case "SGD" -> {
        how.expectOnly("lr", "momentum");
        yield new OptimizerSpec.Sgd(how.number("momentum"), OptimizerSpec.Sgd.Momentum.PLAIN);
      }
      case "Adagrad" -> {
        how.expectOnly("lr");
        yield new OptimizerSpec.Adagrad();
      }
      case "RMSprop" -> {
        how.expectOnly("lr", "alpha");
        yield new OptimizerSpec.RmsProp(how.number("alpha"), 1e-8);
      }
      default -> throw new Unsupported("optimizer: there is no " + name);
    };
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
    Optimizer updating = new Optimizer(optimizer, built, gradients, List.of(), team);
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
      updating.step(Math.min(1, clip / (norm + 1e-6)), learningRate, decay);
    }
    GoldenNetwork.compare("final_params", last, built.parameters(), comparison);
  }
}
