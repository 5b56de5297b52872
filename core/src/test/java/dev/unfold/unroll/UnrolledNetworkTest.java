package dev.unfold.unroll;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Bias;
import dev.unfold.cell.library.Cells;
import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The order of calls, what comes in, and what the numbers mean.
final class UnrolledNetworkTest {
  private static final int T = 2;
  private static final int B = 3;
  private static final int K = 4;

  private final Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
  private final Team team = Team.of(1);
  private final int[] targets = {0, 1, 2, 3, 0, 1};

  private Network vectors() {
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Vectors(2), 3, 1, K);
    return Network.create(spec, kernels, 1);
  }

  private Network tokens() {
    return Network.create(NetworkSpec.tokens(Cells.gru(), K, 2, 3), kernels, 1);
  }

  private static void assertOutOfOrder(String message, Runnable call) {
    IllegalStateException e = assertThrows(IllegalStateException.class, call::run);
    assertEquals(message, e.getMessage());
  }

  private static void assertRejected(String message, Runnable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run);
    assertEquals(message, e.getMessage());
  }

  @Test
  void forward_ofTheOtherKindOfInput_saysWhichToCall() {
    UnrolledNetwork vectors = UnrolledNetwork.of(vectors(), team, T, B);
    assertOutOfOrder(
        "the network takes vectors: fill input() and call forward()",
        () -> vectors.forward(targets, 0));
    UnrolledNetwork tokens = UnrolledNetwork.of(tokens(), team, T, B);
    assertOutOfOrder("the network takes tokens: call forward(tokens, from)", tokens::forward);
  }

  @Test
  void loss_withoutAForwardPassSinceTheLast_isRejected() {
    String message = "loss: expected a forward pass since the last loss or start";
    UnrolledNetwork unrolled = UnrolledNetwork.of(vectors(), team, T, B);
    assertOutOfOrder(message, () -> unrolled.loss(targets, 0, Reduction.SUM));
    unrolled.forward();
    unrolled.loss(targets, 0, Reduction.SUM);
    // The logits are gone: a second loss would be one of the error signals.
    assertOutOfOrder(message, () -> unrolled.loss(targets, 0, Reduction.SUM));
    unrolled.forward();
    unrolled.startFromZero();
    assertOutOfOrder(message, () -> unrolled.loss(targets, 0, Reduction.SUM));
  }

  @Test
  void backward_withoutALossSinceTheLastForwardPass_isRejected() {
    Network network = vectors();
    Parameters gradients = network.parameters().zeros();
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, T, B);
    String rest = ": expected a loss since the last forward pass or start";
    assertOutOfOrder("backward" + rest, () -> unrolled.backward(gradients));
    unrolled.forward();
    assertOutOfOrder("backward" + rest, () -> unrolled.backward(gradients));
    assertOutOfOrder("errorSignals" + rest, unrolled::errorSignals);
    assertOutOfOrder("errorSignals" + rest, unrolled::errorSignals);
    unrolled.loss(targets, 0, Reduction.SUM);
    unrolled.backward(gradients);
    unrolled.forward();
    assertOutOfOrder("backward" + rest, () -> unrolled.backward(gradients));
    unrolled.loss(targets, 0, Reduction.SUM);
    // The first step reads the initial state once more on the way back.
    unrolled.startAfter(unrolled);
    assertOutOfOrder("backward" + rest, () -> unrolled.backward(gradients));
  }

  @Test
  void backward_calledTwice_addsTwice() {
    Network network = vectors();
    Parameters once = network.parameters().zeros();
    Parameters twice = network.parameters().zeros();
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, T, B);
    unrolled.forward();
    unrolled.loss(targets, 0, Reduction.SUM);
    unrolled.backward(once);
    unrolled.backward(twice);
    unrolled.backward(twice);
    assertArrayEquals(
        Arrays.stream(once.buffer().toArray()).map(x -> x + x).toArray(), twice.buffer().toArray());
  }

  @Test
  void loss_ofTooFewTargets_saysHowMany() {
    UnrolledNetwork unrolled = UnrolledNetwork.of(vectors(), team, T, B);
    unrolled.forward();
    assertRejected(
        "targets: expected T*B=6 from 1 on, got a length of 6",
        () -> unrolled.loss(targets, 1, Reduction.SUM));
    assertRejected(
        "targets: expected T*B=6 from -1 on, got a length of 6",
        () -> unrolled.loss(targets, -1, Reduction.SUM));
    assertRejected(
        "targets: expected T*B=6 rows, got 5",
        () -> unrolled.loss(Matrix.allocate(ElementType.FLOAT64, 5, K), Reduction.SUM));
    assertRejected(
        "targets: expected K=4, got 3",
        () -> unrolled.loss(Matrix.allocate(ElementType.FLOAT64, 6, 3), Reduction.SUM));
    // A refused call leaves the logits as they were.
    assertTrue(unrolled.loss(targets, 0, Reduction.SUM) > 0);
  }

  @Test
  void tokens_outsideTheVocabulary_areNamed() {
    UnrolledNetwork unrolled = UnrolledNetwork.of(tokens(), team, T, B);
    assertRejected(
        "tokens[4]: expected 0 to V-1=3, got 4",
        () -> unrolled.forward(new int[] {0, 1, 2, 3, 4, 0}, 0));
    unrolled.forward(targets, 0);
    assertRejected(
        "targets[0]: expected 0 to 3, got -2",
        () -> unrolled.loss(new int[] {-2, 1, 2, 3, 3, 0}, 0, Reduction.SUM));
  }

  @Test
  void mean_ofTheLosses_scalesLossAndGradientsByOneOverAllRows() {
    Network network = tokens();
    Parameters sum = network.parameters().zeros();
    Parameters mean = network.parameters().zeros();
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, T, B);
    unrolled.forward(targets, 0);
    double total = unrolled.loss(targets, 0, Reduction.SUM);
    assertEquals(total, Arrays.stream(unrolled.losses()).sum(), 1e-14);
    unrolled.backward(sum);
    unrolled.forward(targets, 0);
    assertEquals(total / 6, unrolled.loss(targets, 0, Reduction.MEAN), 1e-15);
    unrolled.backward(mean);
    for (int i = 0; i < sum.buffer().length(); i++) {
      assertEquals(Numbers.get(sum.buffer(), i) / 6, Numbers.get(mean.buffer(), i), 1e-15);
    }
  }

  @Test
  void tokensAndTargets_fromAPlaceOn_areThoseFromThere() {
    Network network = tokens();
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, T, B);
    int[] text = {3, 3, 0, 1, 2, 3, 0, 1, 2};
    unrolled.forward(text, 2);
    double shifted = unrolled.loss(text, 3, Reduction.SUM);
    Parameters expected = network.parameters().zeros();
    unrolled.backward(expected);
    unrolled.forward(Arrays.copyOfRange(text, 2, 8), 0);
    assertEquals(unrolled.loss(Arrays.copyOfRange(text, 3, 9), 0, Reduction.SUM), shifted);
    Parameters got = network.parameters().zeros();
    unrolled.backward(got);
    assertArrayEquals(got.buffer().toArray(), expected.buffer().toArray());
  }

  @Test
  void embeddingGradient_isTheDifferenceQuotientOfTheLoss() {
    Network network = tokens();
    int[] text = {0, 1, 1, 2, 0, 0};
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, T, B);
    unrolled.forward(text, 0);
    unrolled.loss(targets, 0, Reduction.SUM);
    Parameters gradients = network.parameters().zeros();
    unrolled.backward(gradients);
    Matrix embedding = network.parameters().matrix(Network.EMBEDDING);
    double h = 1e-4;
    for (int token = 0; token < K; token++) {
      for (int i = 0; i < 2; i++) {
        double value = Numbers.get(embedding, token, i);
        Numbers.set(embedding, token, i, value + h);
        unrolled.forward(text, 0);
        double above = unrolled.loss(targets, 0, Reduction.SUM);
        Numbers.set(embedding, token, i, value - h);
        unrolled.forward(text, 0);
        double difference = (above - unrolled.loss(targets, 0, Reduction.SUM)) / (2 * h);
        Numbers.set(embedding, token, i, value);
        // h^2 = 1e-8 from two points.
        assertEquals(difference, Numbers.get(gradients.matrix(Network.EMBEDDING), token, i), 1e-8);
      }
    }
    // Token 3 was never read.
    assertEquals(0, Numbers.get(gradients.matrix(Network.EMBEDDING), 3, 0));
  }

  @Test
  void parameters_changedBetweenRuns_takeEffectOnceItIsSaid() {
    Network network = vectors();
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, T, B);
    unrolled.forward();
    double before = Numbers.get(unrolled.logits(), 0, 0);
    Numbers.set(network.parameters().matrix("weight_hh_l0"), 0, 0, 5);
    Numbers.set(network.parameters().matrix("head.weight"), 0, 0, 5);
    network.parameters().changed();
    unrolled.forward();
    assertTrue(Numbers.get(unrolled.logits(), 0, 0) != before);
  }

  @Test
  void classes_fewerThanRows_areRefused() {
    UnrolledNetwork unrolled = UnrolledNetwork.of(tokens(), team, T, B);
    unrolled.forward(new int[T * B], 0);
    assertRejected(
        "targets: expected T*B=%d rows, got 3".formatted(T * B),
        () -> unrolled.loss(new Targets.Classes(new int[3], 0), Reduction.MEAN));
  }

  /// A readout that is the embedding has no parameters of its own.
  @Test
  void spec_ofTiedWeights_countsThemOnce() {
    Encoder tokens = new Encoder.Embedding(1_100_000, 1024);
    assertEquals(
        1_100_000,
        new NetworkSpec(Cells.gru(), tokens, 1024, 1, 1_100_000, Set.of(Wiring.TIED)).outputs());
    assertThrows(
        IllegalArgumentException.class,
        () -> new NetworkSpec(Cells.gru(), tokens, 1024, 1, 1_100_000));
    assertThrows(
        IllegalArgumentException.class, () -> new Head.Values(1 << 30, new ValueLoss.Gaussian()));
  }

  @Test
  void sizes_belowOne_areNamed() {
    assertRejected(
        "steps: expected T of 1 or more, got 0", () -> UnrolledNetwork.of(vectors(), team, 0, B));
    assertRejected(
        "batch: expected B of 1 or more, got 0", () -> UnrolledNetwork.of(vectors(), team, T, 0));
    assertRejected(
        "hidden: expected H of 1 or more, got 0",
        () -> new NetworkSpec(Cells.gru(), new Encoder.Vectors(2), 0, 1, K));
    assertRejected(
        "layers: expected L of 1 or more, got 0",
        () -> new NetworkSpec(Cells.gru(), new Encoder.Vectors(2), 3, 0, K));
    assertRejected(
        "classes: expected K of 1 or more, got -2",
        () -> new NetworkSpec(Cells.gru(), new Encoder.Vectors(2), 3, 1, -2));
    assertRejected("input: expected I of 1 or more, got 0", () -> new Encoder.Vectors(0));
    assertRejected("vocabulary: expected V of 1 or more, got 0", () -> new Encoder.Embedding(0, 2));
    assertRejected("embedding: expected I of 1 or more, got 0", () -> new Encoder.Embedding(2, 0));
  }

  @Test
  void shapes_ofATwoLayerNetworkOfTokens_areNamedAndOrderedLikePyTorchs() {
    NetworkSpec spec = new NetworkSpec(Cells.lstm(), new Encoder.Embedding(9, 5), 3, 2, 9);
    assertEquals(
        "{embedding.weight=[9, 5], weight_ih_l0=[12, 5], weight_hh_l0=[12, 3], bias_ih_l0=[12],"
            + " bias_hh_l0=[12], weight_ih_l1=[12, 3], weight_hh_l1=[12, 3], bias_ih_l1=[12],"
            + " bias_hh_l1=[12], head.weight=[9, 3], head.bias=[9]}",
        Network.shapes(spec).toString());
    NetworkSpec bare =
        new NetworkSpec(Cells.lstm().withBias(Bias.NONE), new Encoder.Vectors(5), 3, 1, 9);
    assertEquals(
        "{weight_ih_l0=[12, 5], weight_hh_l0=[12, 3], head.weight=[9, 3]}",
        Network.shapes(bare).toString());
  }
}
