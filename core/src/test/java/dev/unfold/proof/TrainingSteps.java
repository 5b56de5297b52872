package dev.unfold.proof;

import dev.unfold.head.Reduction;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.train.update.Optimizer;
import dev.unfold.train.update.OptimizerSpec;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
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
    String name = golden.text("optimizer");
    optimizer = optimizer(name, how);
    learningRate = how.has("lr") ? how.number("lr") : usualRate(name);
    decay = decay(name, how);
    network = GoldenNetwork.read(golden);
    updates = golden.size("steps");
    steps = golden.size("T");
    batch = golden.size("B");
    clip = golden.number("clip_norm", Double.POSITIVE_INFINITY);
    inputs = golden.tensor("inputs", updates, steps, batch, network.spec().encoder().width());
    targets = golden.indices("targets", network.spec().outputs(), updates, steps, batch);
    losses = golden.numbers("losses", updates);
    norms = golden.numbers("gradient_norms", updates);
    last = golden.tensors("final_params");
    GoldenNetwork.expectShapes("final_params", network.spec(), last);
  }

  /// What `torch.optim` calls the same. Its defaults count where the case says nothing.
  private static OptimizerSpec optimizer(String name, GoldenCase how) {
    try {
      return switch (name) {
        case "Adam", "AdamW" -> {
          expectOnly(name, how, List.of("betas", "eps"), "amsgrad");
          double[] betas = how.has("betas") ? how.numbers("betas", 2) : new double[] {0.9, 0.999};
          yield new OptimizerSpec.Adam(betas[0], betas[1], how.number("eps", 1e-8));
        }
        case "SGD" -> {
          expectOnly(name, how, List.of("momentum", "dampening", "nesterov"));
          yield new OptimizerSpec.Sgd(
              how.number("momentum", 0),
              how.number("dampening", 0),
              how.isOff("nesterov")
                  ? OptimizerSpec.Sgd.Momentum.PLAIN
                  : OptimizerSpec.Sgd.Momentum.NESTEROV);
        }
        case "Adagrad" -> {
          expectOnly(name, how, List.of("eps"), "lr_decay", "initial_accumulator_value");
          yield new OptimizerSpec.Adagrad(how.number("eps", 1e-10));
        }
        case "RMSprop" -> {
          expectOnly(name, how, List.of("alpha", "eps"), "momentum", "centered");
          yield new OptimizerSpec.RmsProp(how.number("alpha", 0.99), how.number("eps", 1e-8));
        }
        default -> throw new Unsupported("optimizer: there is no " + name);
      };
    } catch (IllegalArgumentException e) {
      throw new Unsupported("optimizer_options: " + e.getMessage());
    }
  }

  private static double usualRate(String name) {
    return switch (name) {
      case "Adam", "AdamW" -> 1e-3;
      case "Adagrad", "RMSprop" -> 1e-2;
      default ->
          throw new Unsupported("optimizer_options: expected lr of " + name + ", found none");
    };
  }

  /// Decay that is part of the gradient is decoupled decay only where an update is the gradient times the learning
  /// rate.
  private static double decay(String name, GoldenCase how) {
    if (name.equals("AdamW")) {
      return how.number("weight_decay", 0.01);
    }
    boolean same = name.equals("SGD") && how.isOff("momentum");
    if (!how.isOff("weight_decay") && !same) {
      throw new Unsupported(
          "optimizer_options: there is no weight_decay in the gradient of " + name);
    }
    return how.number("weight_decay", 0);
  }

  /// @param known options that there are
  /// @param missing options that there are not, which have to be off
  private static void expectOnly(
      String name, GoldenCase how, List<String> known, String... missing) {
    // How it is computed, and not what.
    List<String> ways = List.of("foreach", "fused", "capturable", "differentiable");
    List<String> none = new ArrayList<>(List.of(missing));
    none.add("maximize");
    List<String> all = new ArrayList<>(List.of("lr", "weight_decay"));
    all.addAll(known);
    all.addAll(ways);
    all.addAll(none);
    how.expectOnly(all.toArray(String[]::new));
    for (String option : none) {
      if (!how.isOff(option)) {
        throw new Unsupported("optimizer_options: there is no " + option + " for " + name);
      }
    }
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
    UnrolledNetwork unrolled = UnrolledNetwork.of(built, team, steps, batch);
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
