package dev.unfold.proof;

import dev.unfold.head.Reduction;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.sequence.Truncation;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Map;

/// Truncated BPTT over windows: the state is carried from one to the next, the error is cut there, and the
/// gradients are summed.
final class TruncatedWindows implements GoldenProof {
  private final GoldenNetwork network;
  private final int steps;
  private final int window;
  private final int batch;
  private final GoldenTensor input;
  private final int[] targets;
  private final double loss;
  private final Map<String, GoldenTensor> gradients;

  TruncatedWindows(GoldenCase golden) {
    golden.expectOnly(
        "name", "cell", "T", "window", "B", "I", "H", "K", "params", "input", "targets", "loss",
        "grads");
    network = GoldenNetwork.read(golden);
    steps = golden.size("T");
    window = golden.size("window");
    batch = golden.size("B");
    input = golden.tensor("input", steps, batch, network.spec().encoder().width());
    targets = golden.indices("targets", network.spec().outputs(), steps, batch);
    loss = golden.number("loss");
    gradients = golden.tensors("grads");
    GoldenNetwork.expectShapes("grads", network.spec(), gradients);
  }

  @Override
  public String kind() {
    return "truncated windows";
  }

  @Override
  public void run(Kernels kernels, Comparison comparison) {
    Network built = network.build(kernels);
    Parameters sums = built.parameters().zeros();
    double total = 0;
    UnrolledNetwork previous = null;
    for (int from = 0; from < steps; from += window) {
      int length = Math.min(window, steps - from);
      UnrolledNetwork unrolled = UnrolledNetwork.of(built, Team.of(1), length, batch);
      if (previous != null) {
        unrolled.startAfter(previous);
      }
      input.parts(from, from + length).copyTo(unrolled.input());
      unrolled.forward();
      total += unrolled.loss(targets, from * batch, Reduction.SUM);
      unrolled.backward(sums);
      previous = unrolled;
    }
    comparison.compare("loss", loss, total);
    GoldenNetwork.compare("grads", gradients, sums, comparison);
    runAsOne(built, comparison);
  }

  /// The same as one pass forward over all steps, with the error cut at the windows.
  private void runAsOne(Network built, Comparison comparison) {
    Parameters sums = built.parameters().zeros();
    UnrolledNetwork unrolled = UnrolledNetwork.of(built, Team.of(1), steps, batch);
    input.copyTo(unrolled.input());
    unrolled.forward();
    comparison.compare("loss", loss, unrolled.loss(targets, 0, Reduction.SUM));
    unrolled.backward(sums, new Truncation(window, window));
    GoldenNetwork.compare("grads as one", gradients, sums, comparison);
  }
}
