package dev.unfold.unroll.head;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Activation;
import dev.unfold.cell.library.Cells;
import dev.unfold.flow.ErrorFlow;
import dev.unfold.flow.Reach;
import dev.unfold.gradient.Accumulation;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.head.Head;
import dev.unfold.head.LinearChain;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import dev.unfold.proof.AllPaths;
import dev.unfold.proof.Bits;
import dev.unfold.proof.Identity;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Example;
import dev.unfold.sequence.Inputs;
import dev.unfold.sequence.Truncation;
import dev.unfold.train.Budget;
import dev.unfold.train.DataValidator;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.data.SequenceData;
import dev.unfold.train.update.UpdateRule;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Tags of sequences, their losses and gradients.
final class CrfTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261203L);
  private static final int K = 4;
  private static final int I = 3;
  private static final Kernels KERNELS = TestBackends.scalar(Precision.DOUBLE);

  private final Random random = new Random(SEED);

  CrfTest() {
    System.out.println("CrfTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  private void draw(Matrix matrix) {
    for (int i = 0; i < matrix.rows() * matrix.cols(); i++) {
      Numbers.set(matrix, i / matrix.cols(), i % matrix.cols(), random.nextDouble(-2, 2));
    }
  }

  private Network network(Kernels kernels, Set<Wiring> wiring) {
    NetworkSpec spec =
        new NetworkSpec(Cells.gru(), new Encoder.Vectors(I), 5, 1, new Head.Tags(K), wiring);
    Network network = Network.create(spec, kernels, SEED);
    for (String name : List.of(Head.Tags.TRANSITIONS, Head.Tags.START, Head.Tags.END)) {
      draw(network.parameters().matrix(name));
    }
    network.parameters().changed();
    return network;
  }

  private Example example(Kernels kernels, int steps) {
    Matrix vectors = Matrix.allocate(kernels.type(), steps, I);
    draw(vectors);
    return Example.ofTags(new Inputs.Vectors(vectors), random.ints(steps, 0, K).toArray());
  }

  /// Every path of up to 6 steps: the score of a path is linear in all that it is made of, so that what is expected of
  /// a slope is its average over the paths.
  @Test
  void lossesAndGradients_ofSmallChains_areThoseOfAllPaths() {
    for (int problem = 0; problem < 60; problem++) {
      int tags = 1 + random.nextInt(4);
      int steps = 1 + random.nextInt(6);
      int batch = 1 + random.nextInt(4);
      Network network = Identity.network(KERNELS, new Head.Tags(tags));
      Parameters parameters = network.parameters();
      for (String name : List.of(Head.Tags.TRANSITIONS, Head.Tags.START, Head.Tags.END)) {
        draw(parameters.matrix(name));
      }
      parameters.changed();
      int[] lengths = random.ints(batch, 0, steps + 1).toArray();
      int[] right = random.ints((long) steps * batch, 0, tags).toArray();
      UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(3), steps, batch);
      draw(unrolled.input());
      double[] emissions = Bits.toArray(unrolled.input());
      unrolled.lengths(lengths);
      unrolled.forward();
      double loss = unrolled.loss(new Targets.Tags(right), Reduction.SUM);
      Parameters got = parameters.zeros();
      unrolled.backward(got);
      double[] ofEmissions = new double[emissions.length];
      double[] ofTransitions = new double[tags * tags];
      double[] ofStart = new double[tags];
      double[] ofEnd = new double[tags];
      double sum = 0;
      for (int b = 0; b < batch; b++) {
        int[] own = new int[lengths[b]];
        for (int t = 0; t < own.length; t++) {
          own[t] = right[t * batch + b];
        }
        if (own.length == 0) {
          continue;
        }
        List<int[]> all = AllPaths.of(tags, own.length);
        double total = 0;
        for (int[] path : all) {
          total += Math.exp(score(path, emissions, b, batch, tags, parameters));
        }
        double expected = Math.log(total) - score(own, emissions, b, batch, tags, parameters);
        assertEquals(expected, unrolled.losses()[b], 1e-12, "problem " + problem);
        sum += expected;
        all.add(own);
        for (int i = 0; i < all.size(); i++) {
          int[] path = all.get(i);
          boolean isRight = i == all.size() - 1;
          double share =
              isRight ? -1 : Math.exp(score(path, emissions, b, batch, tags, parameters)) / total;
          ofStart[path[0]] += share;
          ofEnd[path[path.length - 1]] += share;
          for (int t = 0; t < path.length; t++) {
            ofEmissions[(t * batch + b) * tags + path[t]] += share;
            if (t > 0) {
              ofTransitions[path[t - 1] * tags + path[t]] += share;
            }
          }
        }
      }
      assertEquals(sum, loss, 1e-11);
      assertArrayEquals(ofEmissions, Bits.toArray(unrolled.logits()), 1e-12);
      assertArrayEquals(ofEmissions, Bits.toArray(unrolled.inputGradient()), 1e-12);
      assertArrayEquals(ofTransitions, Bits.toArray(got.matrix(Head.Tags.TRANSITIONS)), 1e-11);
      assertArrayEquals(ofStart, Bits.toArray(got.matrix(Head.Tags.START)), 1e-11);
      assertArrayEquals(ofEnd, Bits.toArray(got.matrix(Head.Tags.END)), 1e-11);
    }
  }

  private static double score(
      int[] path, double[] emissions, int b, int batch, int tags, Parameters parameters) {
    Matrix between = parameters.matrix(Head.Tags.TRANSITIONS);
    double score = Numbers.get(parameters.matrix(Head.Tags.START), 0, path[0]);
    for (int t = 0; t < path.length; t++) {
      score += emissions[(t * batch + b) * tags + path[t]];
      score += t == 0 ? 0 : Numbers.get(between, path[t - 1], path[t]);
    }
    return score + Numbers.get(parameters.matrix(Head.Tags.END), 0, path[path.length - 1]);
  }

  @Test
  void gradients_ofAnyNumberOfThreads_areTheSameBits() {
    for (Kernels kernels : List.of(KERNELS, TestBackends.best(Precision.FLOAT))) {
      for (Set<Wiring> wiring : List.of(Set.<Wiring>of(), Set.of(Wiring.BIDIRECTIONAL))) {
        Network network = network(kernels, wiring);
        List<Example> examples = new ArrayList<>();
        for (int length : new int[] {5, 9, 1, 7, 3}) {
          examples.add(example(kernels, length));
        }
        Batch plain = Batch.of(examples, 6);
        boolean[] present = plain.present().orElseThrow().clone();
        for (int row = 0; row < present.length; row += 4) {
          present[row] = false;
        }
        Batch batch =
            new Batch(plain.steps(), 6, plain.inputs(), plain.targets(), Optional.of(present));
        Map<String, double[]> one = run(network, batch, Team.of(1));
        for (int threads = 2; threads <= 4; threads++) {
          Map<String, double[]> many = run(network, batch, Team.of(threads));
          one.forEach((name, numbers) -> assertArrayEquals(numbers, many.get(name), name));
        }
      }
    }
  }

  private static Map<String, double[]> run(Network network, Batch batch, Team team) {
    Bptt bptt = Bptt.of(network, team, batch.steps(), batch.batch(), new Engine.Full());
    Parameters gradients = network.parameters().zeros();
    Map<String, double[]> numbers = new LinkedHashMap<>();
    numbers.put("loss", new double[] {bptt.gradient(batch, Reduction.MEAN, gradients)});
    numbers.put("losses", bptt.losses().clone());
    for (Parameters.Tensor tensor : gradients.tensors()) {
      numbers.put(tensor.name(), Bits.toArray(gradients.matrix(tensor.name())));
    }
    return numbers;
  }

  @Test
  void sequence_besideOthers_hasItsOwnBits() {
    for (Kernels kernels : List.of(KERNELS, TestBackends.best(Precision.FLOAT))) {
      Network network = network(kernels, Set.of(Wiring.BIDIRECTIONAL));
      Example own = example(kernels, 6);
      UnrolledNetwork alone = UnrolledNetwork.of(network, Team.of(1), 6, 1);
      alone.loss(Batch.of(List.of(own)), Reduction.SUM);
      List<Example> all = List.of(example(kernels, 11), own, example(kernels, 2));
      UnrolledNetwork beside = UnrolledNetwork.of(network, Team.of(2), 11, 4);
      beside.loss(Batch.of(all, 4), Reduction.SUM);
      assertEquals(alone.losses()[0], beside.losses()[1]);
      for (int t = 0; t < 6; t++) {
        for (int k = 0; k < K; k++) {
          assertEquals(alone.logits().get(t, k), beside.logits().get(t * 4 + 1, k));
        }
      }
      Runner runner = new Runner(network);
      Matrix logits = runner.runWhole(own.inputs(), 6);
      Batch batch = Batch.of(all, 4);
      Matrix many = runner.runWhole(batch.inputs(), 11, 6, 2, 0);
      LinearChain.Path path = runner.chain().best(logits, 6).getFirst();
      LinearChain.Path other = runner.chain().best(many, 11, 6, 2, 0).get(1);
      assertArrayEquals(path.tags(), other.tags());
      assertEquals(path.score(), other.score());
    }
  }

  /// Without scores of transitions each step is a softmax of its own.
  @Test
  void network_thatIsNew_tagsEachStepForItself() {
    Network network = Network.create(network(KERNELS, Set.of()).spec(), KERNELS, SEED);
    Example example = example(KERNELS, 5);
    int[] tags = ((Targets.Tags) example.targets()).tags();
    Matrix logits = new Runner(network).runWhole(example.inputs(), 5);
    Matrix marginals = new Runner(network).chain().marginals(logits, 5);
    double loss = 0;
    for (int t = 0; t < 5; t++) {
      double[] softmax = network.spec().head().prediction(logits, t);
      for (int k = 0; k < K; k++) {
        assertEquals(softmax[k], marginals.get(t, k), 1e-15);
      }
      loss -= Math.log(softmax[tags[t]]);
    }
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), 5, 1);
    assertEquals(loss, unrolled.loss(Batch.of(List.of(example)), Reduction.MEAN), 1e-14);
  }

  @Test
  void sequence_withoutTags_hasNoLoss() {
    Network network = network(KERNELS, Set.of());
    Example known = example(KERNELS, 4);
    Example unknown = Example.ofTags(example(KERNELS, 3).inputs(), -1, Targets.NO_TARGET, -1);
    Parameters with = network.parameters().zeros();
    Bptt two = Bptt.of(network, Team.of(1), 4, 2, new Engine.Full());
    Batch both = Batch.of(List.of(unknown, known));
    assertEquals(1, both.losses());
    double loss = two.gradient(both, Reduction.MEAN, with);
    Parameters alone = network.parameters().zeros();
    Bptt one = Bptt.of(network, Team.of(1), 4, 1, new Engine.Full());
    assertEquals(one.gradient(Batch.of(List.of(known)), Reduction.MEAN, alone), loss);
    assertArrayEquals(
        Bits.toArray(alone.matrix(Head.Tags.TRANSITIONS)),
        Bits.toArray(with.matrix(Head.Tags.TRANSITIONS)));
  }

  @Test
  void batches_ofAnUpdate_areOneLargeBatch() {
    Network network = network(KERNELS, Set.of());
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      examples.add(example(KERNELS, 1 + random.nextInt(5)));
    }
    Parameters whole = network.parameters().zeros();
    Bptt large = Bptt.of(network, Team.of(1), 5, 7, new Engine.Full());
    double loss = large.gradient(Batch.of(examples), Reduction.MEAN, whole);
    Parameters parts = network.parameters().zeros();
    Bptt small = Bptt.of(network, Team.of(1), 5, 3, new Engine.Full());
    Accumulation accumulation = new Accumulation(network.spec().head(), Reduction.MEAN);
    double sum = 0;
    for (int i = 0; i < 7; i += 3) {
      Batch batch = Batch.of(examples.subList(i, Math.min(7, i + 3)));
      sum += small.gradient(batch, accumulation.weights(batch), parts);
    }
    assertEquals(loss, sum / accumulation.divisor(), 1e-12);
    for (Parameters.Tensor tensor : whole.tensors()) {
      double[] expected = Bits.toArray(whole.matrix(tensor.name()));
      double[] got = Bits.toArray(parts.matrix(tensor.name()));
      for (int i = 0; i < got.length; i++) {
        assertEquals(expected[i], got[i] / accumulation.divisor(), 1e-12, tensor.name());
      }
    }
  }

  /// The errors of all steps are those of the whole sequence; only the ways back are cut.
  @Test
  void truncated_withoutACut_givesTheBitsOfTheWhole() {
    Network network = network(KERNELS, Set.of());
    Batch batch = Batch.of(List.of(example(KERNELS, 9), example(KERNELS, 6)));
    Map<String, double[]> full = run(network, batch, Team.of(1));
    Bptt cut = Bptt.of(network, Team.of(1), 9, 2, new Engine.Truncated(new Truncation(9, 9)));
    Parameters gradients = network.parameters().zeros();
    cut.gradient(batch, Reduction.MEAN, gradients);
    for (Parameters.Tensor tensor : gradients.tensors()) {
      assertArrayEquals(full.get(tensor.name()), Bits.toArray(gradients.matrix(tensor.name())));
    }
    Bptt short4 = Bptt.of(network, Team.of(1), 9, 2, new Engine.Truncated(new Truncation(2, 4)));
    Parameters shorter = network.parameters().zeros();
    short4.gradient(batch, Reduction.MEAN, shorter);
    for (String name :
        List.of(Head.WEIGHT, Head.BIAS, Head.Tags.TRANSITIONS, Head.Tags.START, Head.Tags.END)) {
      assertArrayEquals(full.get(name), Bits.toArray(shorter.matrix(name)), name);
    }
  }

  /// Each tag says what the next one is; the inputs say little.
  @Test
  void training_onTagsThatFollowEachOther_learnsTheirOrder() {
    Kernels kernels = TestBackends.best(Precision.FLOAT);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      int steps = 4 + random.nextInt(5);
      Matrix vectors = Matrix.allocate(kernels.type(), steps, I);
      int[] tags = new int[steps];
      tags[0] = random.nextInt(K);
      vectors.set(0, 0, Math.floorDiv(tags[0], 2));
      vectors.set(0, 1, tags[0] % 2);
      for (int t = 1; t < steps; t++) {
        tags[t] = (tags[t - 1] + 1) % K;
      }
      examples.add(Example.ofTags(new Inputs.Vectors(vectors), tags));
    }
    NetworkSpec spec =
        new NetworkSpec(
            Cells.elman(Activation.TANH), new Encoder.Vectors(I), 4, 1, new Head.Tags(K));
    Network network = Network.create(spec, kernels, SEED);
    SequenceData data = new SequenceData(examples, 6, OptionalLong.of(SEED));
    TrainingOptions options =
        TrainingOptions.defaults()
            .withSteps(data.steps())
            .withBatch(6)
            .withRule(UpdateRule.defaults().withRate(0.05))
            .withBudget(new Budget.Epochs(12));
    double before = new DataValidator(data, 10).evaluate(network, Team.of(1)).mean();
    new Trainer(network, options, Team.of(2), event -> {}).run(data, new DataValidator(data, 10));
    double after = new DataValidator(data, 10).evaluate(network, Team.of(1)).mean();
    assertTrue(after < 0.3 * before, before + " to " + after);
    Runner runner = new Runner(network);
    int right = 0;
    int all = 0;
    for (Example example : examples) {
      int[] tags = ((Targets.Tags) example.targets()).tags();
      Matrix logits = runner.runWhole(example.inputs(), tags.length);
      int[] best = runner.chain().best(logits, tags.length).getFirst().tags();
      for (int t = 0; t < tags.length; t++) {
        right += best[t] == tags[t] ? 1 : 0;
        all++;
      }
    }
    assertTrue(right > 0.9 * all, right + " of " + all);
  }

  @Test
  void whatCannotBeDone_isRefused() {
    Network network = network(KERNELS, Set.of());
    Batch batch = Batch.of(List.of(example(KERNELS, 3), example(KERNELS, 3)));
    Batch plain = Batch.of(3, 2, batch.inputs(), batch.targets());
    assertRefused(
        "targets: expected a tag for each step of a sequence, or for none, got none at step 1 of"
            + " sequence 0",
        () -> lossOf(network, batch.inputs(), new Targets.Tags(0, 1, -1, 2, 1, 3)));
    assertRefused(
        "targets: expected 0 to K-1=3, got 4",
        () -> lossOf(network, batch.inputs(), new Targets.Tags(0, 1, 4, 2, 1, 3)));
    assertRefused(
        "targets: expected those of a head of tags, got Classes",
        () -> lossOf(network, batch.inputs(), new Targets.Classes(new int[6], 0)));
    assertRefused(
        "targets: expected a loss of each step, so that a batch can be cut, got tags of whole"
            + " sequences",
        () -> batch.part(0, 2));
    assertRefused(
        "batch: expected a loss of each step, got one of sequences",
        () -> ErrorFlow.of(network, Team.of(1), plain, 2));
    assertRefused(
        "batch: expected a loss of each step, got one of sequences",
        () -> Reach.of(network, Team.of(1), List.of(plain)));
    long most = Footprint.of(network.spec(), Precision.DOUBLE, 3, 2, new Engine.Full());
    assertRefused(
        "engine: expected all steps kept for labels or tags of whole sequences and for samples of"
            + " classes, got a budget of memory",
        () ->
            Bptt.of(network, Team.of(1), 3, 2, new Engine.Budgeted(2 * most))
                .gradient(plain, Reduction.MEAN, network.parameters().zeros()));
    NetworkSpec classes = new NetworkSpec(Cells.gru(), new Encoder.Vectors(I), 5, 1, K);
    assertRefused(
        "network: expected a head of tags, got one of classes",
        () -> new Runner(Network.create(classes, KERNELS, 1)).chain());
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new NetworkSpec(
                Cells.gru(),
                new Encoder.Embedding(K, 5),
                5,
                1,
                new Head.Tags(K),
                Set.of(Wiring.TIED)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new NetworkSpec(Cells.gru(), new Encoder.Vectors(1), 1, 1, new Head.Tags(50_000)));
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), 3, 2);
    unrolled.loss(plain, Reduction.SUM);
    assertThrows(IllegalStateException.class, unrolled::errorSignals);
  }

  private static void lossOf(Network network, Inputs inputs, Targets targets) {
    UnrolledNetwork.of(network, Team.of(1), 3, 2)
        .loss(Batch.of(3, 2, inputs, targets), Reduction.SUM);
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
