package dev.unfold.proof;

import dev.unfold.head.Head;
import dev.unfold.head.LinearChain;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// A linear-chain conditional random field on a network whose output is its input: losses, gradients, best paths and
/// marginals.
final class TaggedSequences implements GoldenProof {
  private static final Map<String, String> NAMES =
      Map.of("transitions", Head.Tags.TRANSITIONS, "start", Head.Tags.START, "end", Head.Tags.END);

  private final int steps;
  private final int[] lengths;
  private final int[] tags;
  private final GoldenTensor emissions;
  private final Map<String, GoldenTensor> parameters;
  private final double[] losses;
  private final double loss;
  private final Map<String, GoldenTensor> gradients;
  private final List<int[]> paths;
  private final double[] scores;
  private final GoldenTensor marginals;

  TaggedSequences(GoldenCase golden) {
    golden.expectOnly(
        "name",
        "T",
        "B",
        "K",
        "lengths",
        "emissions",
        "transitions",
        "start",
        "end",
        "tags",
        "losses",
        "loss",
        "grads",
        "best_paths",
        "best_scores",
        "marginals");
    steps = golden.size("T");
    int batch = golden.size("B");
    int count = golden.size("K");
    lengths = golden.indices("lengths", steps + 1, batch);
    tags = golden.indices("tags", count, steps, batch);
    emissions = golden.tensor("emissions", steps, batch, count);
    parameters =
        Map.of(
            "transitions", golden.tensor("transitions", count, count),
            "start", golden.tensor("start", count),
            "end", golden.tensor("end", count));
    losses = golden.numbers("losses", batch);
    loss = golden.number("loss");
    gradients = golden.tensors("grads");
    paths = golden.ragged("best_paths", count, lengths);
    scores = golden.numbers("best_scores", batch);
    marginals = golden.tensor("marginals", steps, batch, count);
  }

  @Override
  public String kind() {
    return "tags";
  }

  @Override
  public void run(Kernels kernels, Comparison comparison) {
    int batch = lengths.length;
    Network network = Identity.network(kernels, new Head.Tags(emissions.shape().getLast()));
    parameters.forEach(
        (name, tensor) -> tensor.copyTo(network.parameters().matrix(NAMES.get(name))));
    network.parameters().changed();
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(2), steps, batch);
    emissions.copyTo(unrolled.input());
    unrolled.lengths(lengths);
    unrolled.forward();
    LinearChain chain = new Runner(network).chain();
    Matrix outputs = unrolled.logits().hostCopy();
    List<LinearChain.Path> best = chain.best(outputs, lengths);
    for (int b = 0; b < batch; b++) {
      if (!Arrays.equals(paths.get(b), best.get(b).tags())) {
        throw new AssertionError(
            "best path of sequence %d: expected %s, got %s"
                .formatted(b, Arrays.toString(paths.get(b)), Arrays.toString(best.get(b).tags())));
      }
    }
    comparison.compare(
        "scores", scores, best.stream().mapToDouble(LinearChain.Path::score).toArray());
    comparison.compare("marginals", marginals, chain.marginals(outputs, lengths));
    comparison.compare("loss", loss, unrolled.loss(new Targets.Tags(tags), Reduction.SUM));
    comparison.compare("losses", losses, Arrays.copyOf(unrolled.losses(), batch));
    Parameters got = network.parameters().zeros();
    unrolled.backward(got);
    gradients.forEach((name, expected) ->
        comparison.compare(
            name,
            expected,
            name.equals("emissions") ? unrolled.logits() : got.matrix(NAMES.get(name))));
  }
}
