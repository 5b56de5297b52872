package dev.unfold.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Networks with weights of 16 bits.
final class WeightFormatsTest {
  private static final long SEED = 20261129L;
  private static final int V = 37;
  private static final Kernels KERNELS = TestBackends.best(Precision.FLOAT);

  private static NetworkSpec spec(Cell cell, Head head) {
    return new NetworkSpec(
        cell, new Encoder.Embedding(V, 19), 19, 2, head, Set.of(Wiring.RESIDUAL));
  }

  private static int[] tokens(int count) {
    return new Random(SEED).ints(count, 0, V).toArray();
  }

  /// The network of 32 bits with the matrices of another.
  private static Network rounded(Network network) {
    Network plain = Network.zeros(network.spec(), KERNELS);
    plain.parameters().set(network.parameters());
    return plain;
  }

  @ParameterizedTest
  @EnumSource(value = WeightFormat.class, names = "FLOAT32", mode = EnumSource.Mode.EXCLUDE)
  void run_everyCell_hasTheBitsOfTheRoundedNetwork(WeightFormat format) {
    for (String name : Cells.names()) {
      Network network = Network.create(spec(Cells.named(name), new Head.Classes(V)), KERNELS, SEED);
      assertSameOutputs(name, network.withWeights(format));
    }
    for (String name : List.of("lstm", "gru", "elman")) {
      Cell cell = Cells.named(name).withHeads(19);
      Network network = Network.create(spec(cell, new Head.Classes(V)), KERNELS, SEED);
      assertSameOutputs(name + " with heads", network.withWeights(format));
    }
    Head factored = new FactoredClasses(V);
    assertSameOutputs(
        "factored",
        Network.create(spec(Cells.lstm(), factored), KERNELS, SEED).withWeights(format));
  }

  /// Few rows and many, of one step and several, go through different tiles.
  private static void assertSameOutputs(String what, Network network) {
    Network plain = rounded(network);
    for (int batch : new int[] {1, 3, 11}) {
      for (int steps : new int[] {1, 5}) {
        Inputs inputs = new Inputs.Tokens(tokens(steps * batch), 0);
        Matrix expected = new Runner(plain).run(inputs, plain.zeroState(batch)).outputs();
        Matrix actual = new Runner(network).run(inputs, network.zeroState(batch)).outputs();
        for (int row = 0; row < expected.rows(); row++) {
          assertArrayEquals(expected.row(row), actual.row(row), what + ", B=" + batch);
        }
      }
    }
  }

  @Test
  void run_by16Bits_isNearThatBy32() {
    Network network = Network.create(spec(Cells.lstm(), new Head.Classes(V)), KERNELS, SEED);
    assertTrue(difference(network, WeightFormat.BFLOAT16) < 2e-2);
    assertTrue(difference(network, WeightFormat.BFLOAT16) > 1e-5);
    assertTrue(difference(network, WeightFormat.FIXED16) < 2e-4);
    assertTrue(difference(network, WeightFormat.FIXED16) > 0);
  }

  private static double difference(Network network, WeightFormat format) {
    Inputs inputs = new Inputs.Tokens(tokens(64), 0);
    Matrix whole = new Runner(network).run(inputs, network.zeroState(1)).outputs();
    Network small = network.withWeights(format);
    Matrix rounded = new Runner(small).run(inputs, network.zeroState(1)).outputs();
    double largest = 0;
    for (int t = 0; t < 64; t++) {
      for (int k = 0; k < V; k++) {
        largest = Math.max(largest, Math.abs(whole.get(t, k) - rounded.get(t, k)));
      }
    }
    return largest;
  }

  @Test
  void withWeights_roundsMatricesAlone() {
    Network network = Network.create(spec(Cells.lstm(), new Head.Classes(V)), KERNELS, SEED);
    Network small = network.withWeights(WeightFormat.BFLOAT16);
    assertEquals(WeightFormat.BFLOAT16, small.weightFormat());
    assertSame(small, small.withWeights(WeightFormat.BFLOAT16));
    assertEquals(WeightFormat.FLOAT32, network.weightFormat());
    for (Parameters.Tensor tensor : network.parameters().tensors()) {
      Matrix before = network.parameters().matrix(tensor.name()).toHost();
      Matrix after = small.parameters().matrix(tensor.name()).toHost();
      for (int c = 0; c < before.cols(); c++) {
        double value = before.get(0, c);
        double expected = tensor.shape().size() > 1 ? WeightFormat.BFLOAT16.round(value, 1) : value;
        assertEquals(expected, after.get(0, c), tensor.name());
      }
    }
  }

  @Test
  void withWeights_ofNumbersThatAreNone_isRefused() {
    Network network = Network.create(spec(Cells.lstm(), new Head.Classes(V)), KERNELS, SEED);
    Matrix matrix = network.parameters().matrix("weight_hh_l1");
    Matrix numbers = matrix.toHost();
    numbers.set(3, 2, Double.NaN);
    matrix.copy(numbers);
    String reason =
        assertThrows(
                IllegalArgumentException.class, () -> network.withWeights(WeightFormat.FIXED16))
            .getMessage();
    assertEquals(
        "weights: expected numbers up to 3.8e+22 in weight_hh_l1 to keep them as fixed16, got NaN",
        reason);
  }

  @Test
  void withOutputAtEachStep_of16Bits_keepsThem() {
    Head last = new PooledHead(new Head.Classes(3), Pooling.LAST);
    Network network = Network.create(spec(Cells.gru(), last), KERNELS, SEED);
    assertEquals(
        WeightFormat.BFLOAT16,
        network.withWeights(WeightFormat.BFLOAT16).withOutputAtEachStep().weightFormat());
  }

  @Test
  void backward_through16Bits_isRefused() {
    Network network =
        Network.create(spec(Cells.lstm(), new Head.Classes(V)), KERNELS, SEED)
            .withWeights(WeightFormat.FIXED16);
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), 3, 2);
    unrolled.forward(tokens(6), 0);
    unrolled.loss(tokens(6), 0, Reduction.MEAN);
    String reason = "weights: expected 32 bits to follow errors back, got fixed16";
    assertEquals(
        reason,
        assertThrows(
                IllegalStateException.class, () -> unrolled.backward(network.parameters().zeros()))
            .getMessage());
    assertEquals(
        reason,
        assertThrows(
                IllegalStateException.class,
                () -> Bptt.of(network, Team.of(1), 3, 2, new Engine.Full()))
            .getMessage());
  }
}
