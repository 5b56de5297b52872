package dev.unfold.train.dynamic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.Evaluation;
import dev.unfold.train.TinyText;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DynamicEvaluationTest {
  private static final int V = 5;

  private final Team team = Team.of(1);
  private final Network network = TinyText.network("lstm", Precision.DOUBLE);
  private final List<int[]> text = List.of(counting(2001));

  /// 0 1 2 3 4 0 1 ...
  private static int[] counting(int count) {
    int[] tokens = new int[count];
    Arrays.setAll(tokens, i -> i % V);
    return tokens;
  }

  private static double[] numbers(Network of) {
    return of.parameters().buffer().toArray();
  }

  private static double[] numbers(Network of, String name) {
    Matrix matrix = of.parameters().matrix(name).toHost();
    double[] all = new double[matrix.rows() * matrix.cols()];
    Arrays.setAll(all, i -> matrix.get(i / matrix.cols(), i % matrix.cols()));
    return all;
  }

  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(sum);
  }

  private DynamicEvaluation dynamic(DynamicRule rule, Learned learned) {
    return new DynamicEvaluation(network, rule, learned, 10, team);
  }

  private GradientScale scale() {
    return GradientScale.of(network, text, 10, team);
  }

  @Test
  void evaluation_ofARepeatingText_getsBetterByLearning() {
    Evaluation still = DynamicEvaluation.unchanged(network, text, 10, team);
    Evaluation sgd = dynamic(new DynamicRule.Sgd(2, 0), Learned.ALL).evaluate(text);
    Evaluation readout = dynamic(new DynamicRule.Sgd(2, 0), Learned.READOUT).evaluate(text);
    Evaluation rms = dynamic(new DynamicRule.Rms(0.05, 0.01, scale()), Learned.ALL).evaluate(text);

    assertEquals(2000, still.count());
    assertEquals(2000, sgd.count());
    assertTrue(sgd.mean() < 0.7 * still.mean(), sgd + ", " + still);
    assertTrue(rms.mean() < 0.7 * still.mean(), rms + ", " + still);
    assertTrue(readout.mean() < 0.9 * still.mean(), readout + ", " + still);
  }

  @Test
  void evaluation_ofANetwork_leavesItAsItIs() {
    double[] before = numbers(network);
    DynamicEvaluation dynamic = dynamic(new DynamicRule.Rms(0.05, 0.01, scale()), Learned.ALL);
    double first = dynamic.evaluate(text).sum();

    assertArrayEquals(before, numbers(network), 0);
    assertTrue(distance(before, numbers(dynamic.network())) > 0.1);
    assertEquals(first, dynamic.evaluate(text).sum(), 0);
    dynamic.restart();
    assertArrayEquals(before, numbers(dynamic.network()), 0);
  }

  @Test
  void evaluation_withoutLearning_isThatOfOneStream() {
    Evaluation one = DynamicEvaluation.unchanged(network, List.of(counting(201)), 7, team);

    // A text of fewer than two times 256 tokens is one stream.
    Evaluation usual = Evaluation.of(network, counting(201), team);
    assertEquals(usual.sum(), one.sum(), 1e-10);
    assertEquals(usual.count(), one.count());
  }

  @Test
  void readout_alone_changesNothingElse() {
    DynamicEvaluation dynamic = dynamic(new DynamicRule.Sgd(1, 0.1), Learned.READOUT);
    dynamic.evaluate(text);

    for (Parameters.Tensor tensor : network.parameters().tensors()) {
      double moved =
          distance(numbers(network, tensor.name()), numbers(dynamic.network(), tensor.name()));
      if (tensor.name().startsWith("head.")) {
        assertTrue(moved > 0.01, tensor.name());
      } else {
        assertEquals(0, moved, 0, tensor.name());
      }
    }
  }

  /// With rms, those parameters that have gradients.
  @Test
  void decay_ofEitherRule_pullsBack() {
    String name = "head.bias";
    double[] start = numbers(network, name);
    for (DynamicRule pulled :
        List.of(new DynamicRule.Sgd(1, 0.2), new DynamicRule.Rms(0.01, 0.2, scale()))) {
      DynamicEvaluation free = dynamic(pulled.with(pulled.rate(), 0), Learned.ALL);
      DynamicEvaluation held = dynamic(pulled, Learned.ALL);
      free.evaluate(text);
      held.evaluate(text);
      double far = distance(start, numbers(free.network(), name));
      double near = distance(start, numbers(held.network(), name));
      assertTrue(near > 0 && near < 0.5 * far, pulled + ": " + near + " of " + far);
    }
  }

  /// The formulas in plain numbers, all parameters at each segment: an embedding's rows are changed when they are read.
  @Test
  void parameters_afterManySegments_areThoseOfTheFormulas() {
    int[] tokens = {0, 1, 0, 3, 3, 0, 2, 2, 2, 4, 2, 2, 2, 2, 0, 2, 1, 1, 3, 0, 1, 4, 1, 2, 0, 1};
    GradientScale scale = GradientScale.of(network, List.of(counting(41)), 4, team);
    for (DynamicRule rule :
        List.of(
            new DynamicRule.Sgd(0.5, 0),
            new DynamicRule.Sgd(0.5, 0.3),
            new DynamicRule.Rms(0.01, 0, scale),
            // The largest shares are cut to 1.
            new DynamicRule.Rms(0.01, 0.3, scale))) {
      DynamicEvaluation dynamic = new DynamicEvaluation(network, rule, Learned.ALL, 4, team);
      double sum = dynamic.evaluate(List.of(tokens)).sum();
      Network plain = copy(network);
      assertEquals(byFormulas(plain, rule, tokens, 4), sum, 1e-12, rule.getClass().getName());
      assertArrayEquals(numbers(plain), numbers(dynamic.network()), 1e-13);
      // Asked again, nothing is drawn back twice.
      assertArrayEquals(numbers(plain), numbers(dynamic.network()), 1e-13);
    }
  }

  private static Network copy(Network network) {
    Network copy = Network.zeros(network.spec(), network.kernels());
    copy.parameters().set(network.parameters());
    return copy;
  }

  /// Changes `plain`, and returns the sum of losses.
  private double byFormulas(Network plain, DynamicRule rule, int[] tokens, int n) {
    double[] start = numbers(plain);
    UnrolledNetwork unrolled = UnrolledNetwork.of(plain, team, n, 1);
    Parameters gradients = plain.parameters().zeros();
    double sum = 0;
    for (int from = 0; from < tokens.length - 1; from += n) {
      int length = Math.min(n, tokens.length - 1 - from);
      Batch batch =
          Batch.of(
              length, 1, new Inputs.Tokens(tokens, from), new Targets.Classes(tokens, from + 1));
      unrolled.startAfter(unrolled);
      gradients.buffer().clear();
      sum += length * unrolled.gradient(batch, new double[] {1.0 / length}, gradients, null);
      double[] theta = numbers(plain);
      double[] g = gradients.buffer().toArray();
      for (int i = 0; i < theta.length; i++) {
        double back = rule.decay() * (start[i] - theta[i]);
        double step = rule.rate() * g[i];
        if (rule instanceof DynamicRule.Rms rms) {
          double m = rms.scale().values().buffer().toArray()[i];
          double least = rule.decay() == 0 ? 0 : 1 / rule.decay();
          back *= Math.min(m / rms.scale().mean(), least);
          step /= m + rms.epsilon();
        }
        theta[i] += back - step;
      }
      Matrix all = plain.parameters().all();
      Matrix host = Matrix.onHeap(all.buffer().type(), 1, theta.length);
      for (int i = 0; i < theta.length; i++) {
        Numbers.set(host, 0, i, theta[i]);
      }
      all.copy(host);
      plain.parameters().changed();
    }
    return sum;
  }

  @Test
  void evaluation_onAnyThreads_hasTheSameBits() {
    for (Precision precision : Precision.values()) {
      Network wide =
          Network.create(
              NetworkSpec.tokens(Cells.named("gru"), V, 20, 150), TestBackends.best(precision), 3);
      List<int[]> short1 = List.of(counting(201));
      GradientScale scale = GradientScale.of(wide, short1, 20, team);
      DynamicRule rule = new DynamicRule.Rms(0.01, 0.01, scale);
      double one = new DynamicEvaluation(wide, rule, Learned.ALL, 20, team).evaluate(short1).sum();
      for (int threads : new int[] {2, 3}) {
        Team several = Team.of(threads);
        GradientScale own = GradientScale.of(wide, short1, 20, several);
        assertArrayEquals(scale.values().buffer().toArray(), own.values().buffer().toArray(), 0);
        DynamicEvaluation dynamic = new DynamicEvaluation(wide, rule, Learned.ALL, 20, several);
        assertEquals(one, dynamic.evaluate(short1).sum(), 0);
      }
    }
  }

  /// Random masks have no part in it: neither in the losses nor in the gradients.
  @Test
  void evaluation_ofANetworkWithMasks_isThatOfOneWithout() {
    NetworkSpec masked = network.spec().with(Noise.parse("0.5"));
    Network noisy = Network.zeros(masked, network.kernels());
    noisy.parameters().set(network.parameters());
    DynamicRule rule = new DynamicRule.Sgd(1, 0);

    assertEquals(
        dynamic(rule, Learned.ALL).evaluate(text).sum(),
        new DynamicEvaluation(noisy, rule, Learned.ALL, 10, team).evaluate(text).sum(),
        0);
  }

  /// The last segment has 3 steps of 10: as many as a segment of 3 alone.
  @Test
  void segment_thatIsShorter_isAveragedOverItsOwnSteps() {
    DynamicEvaluation tenths = dynamic(new DynamicRule.Sgd(1, 0), Learned.ALL);
    tenths.evaluate(List.of(counting(4)));
    DynamicEvaluation thirds =
        new DynamicEvaluation(network, new DynamicRule.Sgd(1, 0), Learned.ALL, 3, team);
    thirds.evaluate(List.of(counting(4)));

    assertArrayEquals(numbers(thirds.network()), numbers(tenths.network()), 1e-14);
  }

  /// One segment: m is the size of its gradient, which a step of 1 shows.
  @Test
  void scale_ofOneSegment_isTheSizeOfItsGradient() {
    List<int[]> one = List.of(counting(9));
    DynamicEvaluation step =
        new DynamicEvaluation(network, new DynamicRule.Sgd(1, 0), Learned.ALL, 8, team);
    step.evaluate(one);
    double[] before = numbers(network);
    double[] after = numbers(step.network());
    double[] sizes = GradientScale.of(network, one, 8, team).values().buffer().toArray();

    for (int i = 0; i < sizes.length; i++) {
      assertEquals(Math.abs(after[i] - before[i]), sizes[i], 1e-14);
    }
    assertTrue(Arrays.stream(sizes).max().orElseThrow() > 1e-3);
  }

  @Test
  void scale_ofSeveralSegments_isTheRootOfTheMeanSquare() {
    double[] first =
        GradientScale.of(network, List.of(counting(9)), 8, team).values().buffer().toArray();
    int[] other = {3, 1, 4, 1, 0, 2};
    double[] second =
        GradientScale.of(network, List.of(other), 8, team).values().buffer().toArray();
    double[] both =
        GradientScale.of(network, List.of(counting(9), other), 8, team).values().buffer().toArray();

    for (int i = 0; i < both.length; i++) {
      assertEquals(Math.sqrt((first[i] * first[i] + second[i] * second[i]) / 2), both[i], 1e-14);
    }
  }

  private void assertRefused(String message, Runnable what) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, what::run).getMessage());
  }

  @Test
  void arguments_ofNoUse_areRefused() {
    assertRefused(
        "rate: expected a number above 0 and below 1e6, got 0.0", () -> new DynamicRule.Sgd(0, 0));
    assertRefused(
        "rate: expected a number above 0 and below 1e6, got NaN",
        () -> new DynamicRule.Rms(Double.NaN, 0, scale()));
    assertRefused(
        "decay: expected a number from 0 to 1, got 1.5", () -> new DynamicRule.Sgd(1, 1.5));
    assertRefused(
        "epsilon: expected a number above 0 and below 1e6, got 0.0",
        () -> new DynamicRule.Rms(1, 0, scale(), 0));
    DynamicRule rule = new DynamicRule.Sgd(1, 0);
    assertRefused(
        "segment: expected T of 1 or more, got 0",
        () -> new DynamicEvaluation(network, rule, Learned.ALL, 0, team));
    assertRefused(
        "sequences: expected one of 2 tokens or more, got 2 of fewer",
        () -> dynamic(rule, Learned.ALL).evaluate(List.of(new int[1], new int[0])));
    GradientScale foreign =
        GradientScale.of(TinyText.network("gru", Precision.DOUBLE), text, 10, team);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> dynamic(new DynamicRule.Rms(1, 0, foreign), Learned.ALL))
            .getMessage();
    assertTrue(message.startsWith("scale: expected weight_ih_l0 [28, 3]"), message);
  }

  @Test
  void networks_thatCannotLearnSo_areRefused() {
    DynamicRule rule = new DynamicRule.Sgd(1, 0);
    Network both =
        Network.create(
            new NetworkSpec(
                Cells.named("gru"),
                new Encoder.Embedding(V, 3),
                4,
                1,
                V,
                Set.of(Wiring.BIDIRECTIONAL)),
            network.kernels(),
            1);
    assertThrows(
        IllegalArgumentException.class,
        () -> new DynamicEvaluation(both, rule, Learned.ALL, 10, team));
    Network tied =
        Network.create(
            new NetworkSpec(
                Cells.named("gru"), new Encoder.Embedding(V, 4), 4, 1, V, Set.of(Wiring.TIED)),
            network.kernels(),
            1);
    assertRefused(
        "learned: expected all of a network whose readout is its embedding, got readout",
        () -> new DynamicEvaluation(tied, rule, Learned.READOUT, 10, team));
    double sum = new DynamicEvaluation(tied, rule, Learned.ALL, 10, team).evaluate(text).sum();
    double still = DynamicEvaluation.unchanged(tied, text, 10, team).sum();
    assertTrue(Double.isFinite(sum) && sum != still, sum + " and without learning " + still);
    Network half = TinyText.network("gru", Precision.FLOAT).withWeights(WeightFormat.BFLOAT16);
    assertRefused(
        "weights: expected 32 bits to learn, got bf16",
        () -> new DynamicEvaluation(half, rule, Learned.ALL, 10, team));
  }
}
