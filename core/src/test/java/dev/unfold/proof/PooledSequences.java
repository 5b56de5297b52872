package dev.unfold.proof;

import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// One class for each sequence, of its pooled states, forward and back.
final class PooledSequences implements GoldenProof {
  private final GoldenNetwork network;
  private final Pooling pooling;
  private final int steps;
  private final int[] lengths;
  private final int[] classes;
  private final GoldenTensor input;
  private final GoldenTensor initial;
  private final GoldenTensor logits;
  private final double loss;
  private final Map<String, GoldenTensor> gradients;

  PooledSequences(GoldenCase golden) {
    golden.expectOnly(
        "name", "cell", "pool", "T", "B", "I", "H", "K", "lengths", "params", "input", "h0",
        "classes", "pooled", "logits", "loss", "grads");
    GoldenNetwork read = GoldenNetwork.read(golden);
    pooling = pooling(golden.text("pool"));
    network =
        new GoldenNetwork(
            read.spec().with(new PooledHead(read.spec().head(), pooling)), read.params());
    steps = golden.size("T");
    int batch = golden.size("B");
    lengths = golden.indices("lengths", steps + 1, batch);
    classes = golden.indices("classes", read.spec().outputs(), batch);
    input = golden.tensor("input", steps, batch, read.spec().encoder().width());
    initial = golden.tensor("h0", read.spec().layers(), batch, read.spec().hidden());
    logits = golden.tensor("logits", batch, read.spec().outputs());
    loss = golden.number("loss");
    gradients = new TreeMap<>(golden.tensors("grads"));
  }

  private static Pooling pooling(String name) {
    return Arrays.stream(Pooling.values())
        .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(name))
        .findFirst()
        .orElseThrow(() -> new Unsupported("pool: there is no " + name));
  }

  @Override
  public String kind() {
    return "pooled " + pooling.text();
  }

  @Override
  public void run(Kernels kernels, Comparison comparison) {
    int batch = lengths.length;
    UnrolledNetwork unrolled = UnrolledNetwork.of(network.build(kernels), Team.of(2), steps, batch);
    unrolled.lengths(lengths);
    input.copyTo(unrolled.input());
    unrolled.start(initial(kernels.precision()));
    unrolled.forward();
    comparison.compare("logits", logits, unrolled.logits());
    int[] targets = new int[steps * batch];
    Arrays.fill(targets, Targets.NO_TARGET);
    for (int b = 0; b < batch; b++) {
      targets[(lengths[b] - 1) * batch + b] = classes[b];
    }
    comparison.compare("loss", loss, unrolled.loss(targets, 0, Reduction.SUM));
    Parameters got = network.build(kernels).parameters().zeros();
    unrolled.backward(got);
    gradients.forEach((name, expected) -> {
      switch (name) {
        case "input" -> comparison.compare(name, expected, unrolled.inputGradient());
        case "h0" -> {
          State state = unrolled.initialStateGradient();
          for (int l = 0; l < network.spec().layers(); l++) {
            comparison.compare(name, expected.part(l), state.layers().get(l).getFirst());
          }
        }
        default -> comparison.compare(name, expected, got.matrix(name));
      }
    });
  }

  private State initial(Precision precision) {
    List<List<Matrix>> layers = new ArrayList<>();
    for (int l = 0; l < network.spec().layers(); l++) {
      layers.add(List.of(initial.part(l).toMatrix(precision)));
    }
    return new State(layers);
  }
}
