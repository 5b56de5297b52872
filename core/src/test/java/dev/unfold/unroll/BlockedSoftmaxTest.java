package dev.unfold.unroll;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.sequence.Truncation;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// A softmax over many classes, computed a block of rows at a time, is the one of all rows at once, bit for bit.
final class BlockedSoftmaxTest {
  private static final long SEED = 20261130L;
  private static final int T = 23;
  private static final int B = 7;
  private static final int H = 5;

  /// So many that T*B rows of them are worth blocks, of which there are two.
  private static final int K = 13_111;

  private static final Kernels KERNELS = TestBackends.best(Precision.FLOAT);

  private static Network network(Set<Wiring> wiring) {
    NetworkSpec spec =
        new NetworkSpec(
            Cells.lstm(), new Encoder.Embedding(K, H), H, 1, new Head.Classes(K), wiring);
    return Network.create(spec, KERNELS, SEED);
  }

  private static Batch batch() {
    return batch(T);
  }

  private static Batch batch(int steps) {
    Random random = new Random(SEED);
    int count = steps * B;
    int[] tokens = random.ints(count, 0, K).toArray();
    int[] targets = random.ints(count, 0, K).toArray();
    targets[3] = Targets.NO_TARGET;
    return Batch.of(steps, B, new Inputs.Tokens(tokens, 0), new Targets.Classes(targets, 0));
  }

  private static Batch smoothed(Batch batch) {
    Targets.Classes classes = (Targets.Classes) batch.targets();
    return Batch.of(T, B, batch.inputs(), new Targets.SmoothedClasses(classes, 0.1));
  }

  private static double[] weights() {
    double[] weights = new double[B];
    Arrays.setAll(weights, b -> 1.0 / (b + 3));
    return weights;
  }

  private static float[] numbers(Parameters parameters) {
    Matrix all = parameters.all().toHost();
    float[] numbers = new float[all.cols()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) all.get(0, i);
    }
    return numbers;
  }

  /// A gradient, and the losses that belong to it.
  private record Outcome(double sum, double[] losses, float[] gradient) {}

  private static Outcome outcome(UnrolledNetwork unrolled, double sum, Parameters gradients) {
    return new Outcome(sum, unrolled.losses().clone(), numbers(gradients));
  }

  /// With the outputs of all rows.
  private static Outcome whole(Network network, Batch batch, Truncation truncation) {
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), T, B);
    Parameters gradients = network.parameters().zeros();
    double sum = unrolled.loss(batch, weights());
    if (truncation == null) {
      unrolled.backward(gradients);
    } else {
      unrolled.backward(gradients, truncation);
    }
    return outcome(unrolled, sum, gradients);
  }

  private static Outcome blocked(
      Network network, Batch batch, Truncation truncation, int threads, boolean twice) {
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(threads), T, B);
    Parameters gradients = network.parameters().zeros();
    if (twice) {
      unrolled.gradient(batch, weights(), gradients, truncation);
      gradients.buffer().clear();
    }
    double sum = unrolled.gradient(batch, weights(), gradients, truncation);
    return outcome(unrolled, sum, gradients);
  }

  private static void assertSame(Outcome expected, Outcome actual) {
    assertEquals(expected.sum(), actual.sum());
    assertArrayEquals(expected.losses(), actual.losses());
    assertArrayEquals(expected.gradient(), actual.gradient());
  }

  private static void assertSameBits(Set<Wiring> wiring, UnaryOperator<Batch> of) {
    Network network = network(wiring);
    Batch batch = of.apply(batch());
    for (Truncation truncation : new Truncation[] {null, new Truncation(5, 9)}) {
      Outcome expected = whole(network, batch, truncation);
      assertSame(expected, blocked(network, batch, truncation, 1, false));
      assertSame(expected, blocked(network, batch, truncation, 3, true));
    }
  }

  @Test
  void gradient_ofClasses_hasTheBitsOfAllRowsAtOnce() {
    assertSameBits(Set.of(), batch -> batch);
  }

  @Test
  void gradient_ofSmoothedClasses_hasTheBitsOfAllRowsAtOnce() {
    assertSameBits(Set.of(), BlockedSoftmaxTest::smoothed);
  }

  @Test
  void gradient_ofDistributions_hasTheBitsOfAllRowsAtOnce() {
    Matrix values = Matrix.allocate(KERNELS.type(), T * B, K);
    Random random = new Random(SEED);
    for (int row = 0; row < T * B; row++) {
      values.set(row, random.nextInt(K), 0.25);
      values.set(row, random.nextInt(K), 0.75);
    }
    assertSameBits(
        Set.of(), batch -> Batch.of(T, B, batch.inputs(), new Targets.Distributions(values)));
  }

  @Test
  void logits_afterWhatKeepsNone_areRefused() {
    UnrolledNetwork unrolled = UnrolledNetwork.of(network(Set.of()), Team.of(1), T, B);
    unrolled.evaluate(batch(), Reduction.SUM);
    String reason = "logits: expected a forward pass or loss that keeps them";
    assertEquals(reason, assertThrows(IllegalStateException.class, unrolled::logits).getMessage());
    unrolled.loss(batch(), Reduction.SUM);
    assertEquals(K, unrolled.logits().cols());
  }

  @Test
  void gradient_ofTiedWeights_hasTheBitsOfAllRowsAtOnce() {
    assertSameBits(Set.of(Wiring.TIED), batch -> batch);
  }

  @Test
  void gradient_ofSequencesOfSeveralLengths_hasTheBitsOfAllRowsAtOnce() {
    assertSameBits(Set.of(), batch -> batch.withLengths(23, 20, 23, 21, 23, 23, 22));
  }

  @Test
  void evaluate_ofClasses_isTheLoss() {
    for (Set<Wiring> wiring : List.of(Set.<Wiring>of(), Set.of(Wiring.TIED))) {
      Network network = network(wiring);
      for (Batch batch : new Batch[] {batch(), smoothed(batch())}) {
        UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(2), T, B);
        double evaluated = unrolled.evaluate(batch, Reduction.SUM);
        double[] losses = unrolled.losses().clone();
        assertEquals(unrolled.loss(batch, Reduction.SUM), evaluated);
        assertArrayEquals(unrolled.losses(), losses);
      }
    }
  }

  @Test
  void engines_ofManyClasses_giveTheSameBits() {
    int steps = 10 * T;
    Network network = network(Set.of());
    Batch batch = batch(steps);
    Parameters expected = network.parameters().zeros();
    Engine full = new Engine.Full();
    Bptt whole = Bptt.of(network, Team.of(2), steps, B, full);
    double loss = whole.gradient(batch, weights(), expected);
    long budget = whole.bytes() - (1 << 17);
    Parameters actual = network.parameters().zeros();
    Bptt budgeted = Bptt.of(network, Team.of(2), steps, B, new Engine.Budgeted(budget));
    assertTrue(budgeted.bytes() < whole.bytes());
    assertEquals(loss, budgeted.gradient(batch, weights(), actual));
    assertArrayEquals(numbers(expected), numbers(actual));
  }

  /// The bits of other paths would be the same anyway: this tells that blocks are what is computed.
  @Test
  void footprint_ofManyClasses_isFarBelowThatOfAllOutputs() {
    NetworkSpec spec = network(Set.of()).spec();
    long outputs = 64L * 32 * K * Float.BYTES;
    long all = Footprint.of(spec, Precision.FLOAT, 64, 32, new Engine.Full());
    assertTrue(all < outputs / 4, all + " bytes, outputs " + outputs);
  }
}
