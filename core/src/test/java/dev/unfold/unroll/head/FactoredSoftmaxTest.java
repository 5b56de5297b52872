package dev.unfold.unroll.head;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import dev.unfold.proof.Bits;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.sequence.Truncation;
import dev.unfold.train.Budget;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingOptions;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The softmax over groups, and over the classes of a group. Eleven classes are three groups of four, the last of which
/// has three.
final class FactoredSoftmaxTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261126L);
  private static final int K = 11;
  private static final int T = 5;
  private static final int B = 3;
  private static final Kernels KERNELS = TestBackends.scalar(Precision.DOUBLE);

  private final Random random = new Random(SEED);

  FactoredSoftmaxTest() {
    System.out.println("FactoredSoftmaxTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  private static Network network(Kernels kernels, Wiring... more) {
    NetworkSpec spec =
        new NetworkSpec(Cells.lstm(), new Encoder.Embedding(K, 6), 6, 1, new FactoredClasses(K));
    for (Wiring wiring : more) {
      spec = spec.with(wiring);
    }
    return Network.create(spec, kernels, SEED);
  }

  private Batch batch(int steps) {
    int[] tokens = random.ints((long) (steps + 1) * B, 0, K).toArray();
    // Two steps without a target.
    int[] targets = Arrays.copyOfRange(tokens, B, tokens.length);
    targets[1] = Targets.NO_TARGET;
    targets[4] = Targets.NO_TARGET;
    return Batch.of(steps, B, new Inputs.Tokens(tokens, 0), new Targets.Classes(targets, 0))
        .withLengths(steps, steps - 3, steps - 1);
  }

  private static double[] numbers(Buffer buffer) {
    return buffer.toArray();
  }

  @Test
  void groups_ofElevenClasses_areThreeOfFour() {
    NetworkSpec spec = network(KERNELS).spec();
    assertEquals(4, spec.factored().orElseThrow().groupSize());
    assertEquals(3, spec.factored().orElseThrow().groups());
    assertEquals(List.of(3, 6), Network.shapes(spec).get(FactoredClasses.GROUP_WEIGHT));
  }

  /// What the readout is, in plain loops.
  @Test
  void logits_ofAllClasses_areTheLogarithmsOfTheirProbabilities() {
    Network network = network(KERNELS);
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(2), T, B);
    int[] tokens = random.ints((T + 1) * B, 0, K).toArray();
    unrolled.forward(tokens, 0);
    double[] logits = Bits.toArray(unrolled.logits());
    Matrix h = unrolled.output(0);
    Parameters p = network.parameters();
    for (int row = 0; row < T * B; row++) {
      double[] group = new double[3];
      double[] member = new double[K];
      for (int g = 0; g < 3; g++) {
        group[g] = net(p, FactoredClasses.GROUP_WEIGHT, FactoredClasses.GROUP_BIAS, g, h, row);
      }
      for (int k = 0; k < K; k++) {
        member[k] = net(p, Head.WEIGHT, Head.BIAS, k, h, row);
      }
      double sum = 0;
      for (int k = 0; k < K; k++) {
        int first = k / 4 * 4;
        double expected =
            share(group, 0, 3, k / 4) * share(member, first, Math.min(K, first + 4), k);
        assertEquals(Math.log(expected), logits[row * K + k], 1e-13);
        sum += expected;
      }
      assertEquals(1, sum, 1e-13);
    }
    double loss = unrolled.loss(tokens, B, Reduction.SUM);
    double expected = 0;
    for (int row = 0; row < T * B; row++) {
      expected -= logits[row * K + tokens[B + row]];
      assertEquals(-logits[row * K + tokens[B + row]], unrolled.losses()[row], 1e-13);
    }
    assertEquals(expected, loss, 1e-12);
  }

  private static double net(Parameters p, String weight, String bias, int row, Matrix h, int step) {
    double sum = Numbers.get(p.matrix(bias), 0, row);
    for (int i = 0; i < h.cols(); i++) {
      sum += Numbers.get(p.matrix(weight), row, i) * Numbers.get(h, step, i);
    }
    return sum;
  }

  private static double share(double[] net, int from, int until, int k) {
    double sum = 0;
    for (int i = from; i < until; i++) {
      sum += Math.exp(net[i]);
    }
    return Math.exp(net[k]) / sum;
  }

  private static double gradient(
      Network network, Batch batch, Engine engine, int threads, Parameters to) {
    Bptt bptt = Bptt.of(network, Team.of(threads), batch.steps(), B, engine);
    return bptt.gradient(batch, Reduction.MEAN, to);
  }

  @Test
  void gradient_ofAllParameters_isThatOfTheLoss() {
    for (Wiring[] more : new Wiring[][] {{}, {Wiring.TIED}}) {
      Network network = network(KERNELS, more);
      Batch batch = batch(T);
      Parameters gradients = network.parameters().zeros();
      gradient(network, batch, new Engine.Full(), 2, gradients);
      Parameters unused = network.parameters().zeros();
      Buffer values = network.parameters().buffer();
      double step = 1e-5;
      for (int i = 0; i < values.length(); i++) {
        double value = Numbers.get(values, i);
        Numbers.set(values, i, value + step);
        network.parameters().changed();
        double above = gradient(network, batch, new Engine.Full(), 1, unused);
        Numbers.set(values, i, value - step);
        network.parameters().changed();
        double below = gradient(network, batch, new Engine.Full(), 1, unused);
        Numbers.set(values, i, value);
        assertEquals(
            (above - below) / (2 * step), Numbers.get(gradients.buffer(), i), 1e-9, "number " + i);
      }
    }
  }

  @Test
  void gradient_inAnyWay_hasTheSameBits() {
    Kernels best = TestBackends.best(Precision.FLOAT);
    int steps = 300;
    Network network = network(best);
    Batch batch = batch(steps);
    Parameters expected = network.parameters().zeros();
    double loss = gradient(network, batch, new Engine.Full(), 1, expected);
    long whole = Footprint.of(network.spec(), Precision.FLOAT, steps, B, new Engine.Full());
    Engine[] engines = {
      new Engine.Full(),
      new Engine.Budgeted(whole / 2),
      new Engine.Truncated(new Truncation(steps, steps))
    };
    for (Engine engine : engines) {
      for (int threads = 1; threads < 4; threads++) {
        Parameters own = network.parameters().zeros();
        assertEquals(loss, gradient(network, batch, engine, threads, own));
        assertArrayEquals(numbers(expected.buffer()), numbers(own.buffer()), engine.toString());
      }
    }
  }

  @Test
  void training_onAFewTokens_learnsThem() {
    Network network = network(KERNELS);
    int[] text = IntStream.range(0, 500).map(i -> i * i % K).toArray();
    Trainer trainer =
        new Trainer(
            network,
            TrainingOptions.defaults().withSteps(10).withBatch(5).withBudget(new Budget.Epochs(60)),
            Team.of(1),
            event -> {});
    double loss = trainer.run(text, text).validation().mean();
    assertTrue(loss < 1.5, () -> "expected much less than ln 11, got " + loss);
  }

  @Test
  void otherTargets_areRefused() {
    UnrolledNetwork unrolled = UnrolledNetwork.of(network(KERNELS), Team.of(1), T, B);
    unrolled.forward(new int[T * B], 0);
    Targets values = new Targets.Values(Matrix.allocate(ElementType.FLOAT64, T * B, K));
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> unrolled.loss(values, Reduction.SUM))
            .getMessage()
            .startsWith("targets: expected those of a head of factored, got Values"));
  }
}
