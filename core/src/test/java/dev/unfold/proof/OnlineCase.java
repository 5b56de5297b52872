package dev.unfold.proof;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.library.Cells;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.online.OnlineGradient;
import dev.unfold.online.OnlineRule;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/// The network, sequences and states that a golden case of online gradients describes, and what a rule makes of them.
final class OnlineCase {
  final GoldenNetwork network;
  final int steps;
  final int batch;
  final int states;
  final List<String> stateNames;
  private final GoldenTensor input;
  private final int[] targets;

  /// Null if no sequence starts anew.
  private final int[] resets;

  private final GoldenCase golden;

  OnlineCase(GoldenCase golden) {
    this.golden = golden;
    steps = golden.size("T");
    batch = golden.size("B");
    states = golden.size("S");
    stateNames = golden.texts("states");
    Map<String, GoldenTensor> params = golden.tensors("params");
    int layers = (int) params.keySet().stream().filter(n -> n.matches("weight_ih_l\\d+")).count();
    Cell cell = golden.has("leak") ? leaky(golden.number("leak")) : cell(golden.text("cell"));
    NetworkSpec spec =
        new NetworkSpec(
            cell.withBias(Bias.PER_OPERAND),
            new Encoder.Vectors(golden.size("I")),
            golden.size("H"),
            layers,
            golden.size("K"));
    GoldenNetwork.expectShapes("params", spec, params);
    network = new GoldenNetwork(spec, params);
    input = golden.tensor("input", steps, batch, golden.size("I"));
    targets = golden.indices("targets", golden.size("K"), steps, batch);
    resets = golden.has("resets") ? golden.indices("resets", 2, steps, batch) : null;
  }

  private static Cell cell(String name) {
    return switch (name) {
      case "rnn", "rnn_2layer" -> Cells.elman(Activation.TANH);
      case "gru", "lstm", "indrnn", "mingru", "minlstm" -> Cells.named(name);
      default -> throw new Unsupported("cell: there is no " + name + " here");
    };
  }

  private static Cell leaky(double leak) {
    return Cell.define(
        "leaky",
        step -> {
          Expr h = step.state("h");
          Expr net = step.affine("net", step.input(), h);
          step.next(
              "h",
              h.times(Expr.constant(1 - leak)).plus(Expr.tanh(net).times(Expr.constant(leak))));
        });
  }

  /// Where state number s of the case, as it counts them, is among ours.
  int ownState(int s) {
    int units = states / stateNames.size();
    String name = stateNames.get(s / units);
    List<String> own = State.names(network.spec());
    for (int i = 0; i < own.size(); i++) {
      if (own.get(i).equals(name) || own.get(i).equals(name + "_l0")) {
        return i * units + s % units;
      }
    }
    throw new Unsupported("states: there is no " + name);
  }

  private State initial(Network built) {
    State state = State.zeros(built.spec(), built.kernels().precision(), batch);
    int layers = network.spec().layers();
    for (int l = 0; l < layers; l++) {
      List<String> names = built.spec().cell().states();
      for (int s = 0; s < names.size(); s++) {
        GoldenTensor all = golden.tensor(names.get(s) + "0", layers, batch, built.spec().hidden());
        all.part(l).copyTo(state.layers().get(l).get(s));
      }
    }
    return state;
  }

  /// One run: a network of its own, of which a test may change the parameters.
  final class Run {
    final Network built;
    final OnlineGradient online;
    final Parameters gradients;

    Run(Kernels kernels, OnlineRule rule, int threads) {
      built = network.build(kernels);
      online = OnlineGradient.of(built, Team.of(threads), batch, rule);
      online.start(initial(built));
      gradients = built.parameters().zeros();
    }

    /// Lets the sequences begin anew.
    void restart() {
      online.start(initial(built));
    }

    /// Adds the gradients of step t.
    double step(int t) {
      for (int b = 0; b < batch && resets != null; b++) {
        if (resets[t * batch + b] == 1) {
          online.reset(b);
        }
      }
      Matrix row = Matrix.allocate(built.kernels().type(), batch, input.shape().getLast());
      input.part(t).copyTo(row);
      Targets own = new Targets.Classes(targets, t * batch).part(0, batch);
      Batch one = Batch.of(1, batch, new Inputs.Vectors(row), own);
      return online.step(one, Reduction.SUM, gradients);
    }
  }

  /// Runs all steps; `each` is told after each step of its gradients.
  Run run(Kernels kernels, OnlineRule rule, int threads, BiConsumer<Integer, Run> each) {
    Run run = new Run(kernels, rule, threads);
    Parameters sum = run.built.parameters().zeros();
    for (int t = 0; t < steps; t++) {
      run.gradients.buffer().clear(0, run.gradients.buffer().length());
      run.step(t);
      each.accept(t, run);
      add(run.gradients, sum);
    }
    run.gradients.set(sum);
    return run;
  }

  static void add(Parameters from, Parameters to) {
    for (Parameters.Tensor tensor : from.tensors()) {
      Matrix source = from.matrix(tensor.name());
      Matrix target = to.matrix(tensor.name());
      for (int r = 0; r < source.rows(); r++) {
        for (int c = 0; c < source.cols(); c++) {
          Numbers.set(target, r, c, Numbers.get(target, r, c) + Numbers.get(source, r, c));
        }
      }
    }
  }

  /// Compares the gradients of each step and their sum.
  ///
  /// @param expected has `per_step_gradients` and `grads`
  Run compare(
      Kernels kernels, OnlineRule rule, GoldenCase expected, Comparison comparison, int threads) {
    Map<String, GoldenTensor> ofSteps = expected.tensors("per_step_gradients");
    Run run =
        run(
            kernels,
            rule,
            threads,
            (t, own) ->
                ofSteps.forEach((name, all) ->
                    comparison.compare(
                        "dE_" + t + "/d" + name, all.part(t), own.gradients.matrix(name))));
    Map<String, GoldenTensor> sums = expected.tensors("grads");
    GoldenNetwork.compare("grads", sums, run.gradients, comparison);
    return run;
  }

  /// Compares J of all sequences.
  ///
  /// @param expected for each parameter `[B, S, shape]`
  void compareInfluence(
      String what, Run run, Map<String, GoldenTensor> expected, Comparison comparison) {
    for (int b = 0; b < batch; b++) {
      Matrix influence = run.online.influence(b);
      for (Map.Entry<String, GoldenTensor> entry : expected.entrySet()) {
        GoldenTensor all = entry.getValue().part(b);
        for (int s = 0; s < states; s++) {
          GoldenTensor own = all.part(s);
          double[] got = new double[own.data().length];
          int from = run.online.firstColumn(entry.getKey());
          for (int p = 0; p < got.length; p++) {
            got[p] = Numbers.get(influence, ownState(s), from + p);
          }
          String name = "%s d s%d of sequence %d / d %s".formatted(what, s, b, entry.getKey());
          comparison.compare(name, own.data(), got);
        }
      }
    }
  }
}
