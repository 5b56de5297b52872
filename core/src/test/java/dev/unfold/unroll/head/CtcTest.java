package dev.unfold.unroll.head;

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
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.proof.Bits;
import dev.unfold.proof.Identity;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The probability of labels against the sum over all paths, one by one.
final class CtcTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261125L);
  private static final int T = 5;
  private static final int K = 3;
  private static final int BLANK = 1;
  private static final Kernels KERNELS = TestBackends.scalar(Precision.DOUBLE);

  private final Random random = new Random(SEED);

  CtcTest() {
    System.out.println("CtcTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  private Matrix logits(int rows) {
    Matrix logits = Matrix.allocate(ElementType.FLOAT64, rows, K);
    for (int i = 0; i < rows * K; i++) {
      logits.set(i / K, i % K, random.nextDouble(-3, 3));
    }
    return logits;
  }

  /// The probability of each sequence of labels, path by path.
  private static Map<List<Integer>, Double> byPaths(Matrix logits, int batch, int b, int steps) {
    Map<List<Integer>, Double> all = new HashMap<>();
    for (int path = 0; path < Math.pow(K, steps); path++) {
      double probability = 1;
      List<Integer> labels = new ArrayList<>();
      int before = BLANK;
      int rest = path;
      for (int t = 0; t < steps; t++) {
        int k = rest % K;
        rest /= K;
        double sum = 0;
        for (int other = 0; other < K; other++) {
          sum += Math.exp(logits.get(t * batch + b, other));
        }
        probability *= Math.exp(logits.get(t * batch + b, k)) / sum;
        if (k != BLANK && k != before) {
          labels.add(k);
        }
        before = k;
      }
      all.merge(labels, probability, Double::sum);
    }
    return all;
  }

  private static double loss(UnrolledNetwork unrolled, Matrix logits, Targets targets) {
    unrolled.input().buffer().copy(logits.buffer(), 0, 0, logits.buffer().length());
    unrolled.forward();
    return unrolled.loss(targets, Reduction.SUM);
  }

  @Test
  void loss_ofAllLabels_isThatOfAllTheirPaths() {
    Matrix logits = logits(T);
    UnrolledNetwork unrolled =
        UnrolledNetwork.of(Identity.network(KERNELS, new Head.Labels(K, BLANK)), Team.of(1), T, 1);
    double sum = 0;
    for (Map.Entry<List<Integer>, Double> entry : byPaths(logits, 1, 0, T).entrySet()) {
      int[] labels = entry.getKey().stream().mapToInt(k -> k).toArray();
      double loss = loss(unrolled, logits, new Targets.Labels(new int[][] {labels}, T));
      // 3^5 products of 5 factors each.
      assertEquals(-Math.log(entry.getValue()), loss, 1e-12, () -> entry.getKey().toString());
      sum += Math.exp(-loss);
    }
    assertEquals(1, sum, 1e-12);
  }

  @Test
  void derivatives_withLengthsAndSequencesWithoutLabels_areCentralDifferences() {
    int batch = 4;
    int[][] labels = {{0, 0}, null, {2}, {}};
    int[] lengths = {5, 5, 2, 3};
    Matrix logits = logits(T * batch);
    Targets targets = new Targets.Labels(labels, T);
    UnrolledNetwork unrolled =
        UnrolledNetwork.of(
            Identity.network(KERNELS, new Head.Labels(K, BLANK)), Team.of(3), T, batch);
    unrolled.lengths(lengths);
    double sum = loss(unrolled, logits, targets);
    double[] slopes = Bits.toArray(unrolled.logits());
    double expected = 0;
    for (int b = 0; b < batch; b++) {
      if (labels[b] != null) {
        List<Integer> own = java.util.Arrays.stream(labels[b]).boxed().toList();
        expected -= Math.log(byPaths(logits, batch, b, lengths[b]).get(own));
        assertTrue(unrolled.losses()[b] > 0);
      }
    }
    assertEquals(expected, sum, 1e-12);
    double step = 1e-5;
    for (int i = 0; i < slopes.length; i++) {
      double y = logits.get(i / K, i % K);
      logits.set(i / K, i % K, y + step);
      double above = loss(unrolled, logits, targets);
      logits.set(i / K, i % K, y - step);
      double below = loss(unrolled, logits, targets);
      logits.set(i / K, i % K, y);
      assertEquals((above - below) / (2 * step), slopes[i], 1e-8, "number " + i);
    }
    UnrolledNetwork single =
        UnrolledNetwork.of(
            Identity.network(KERNELS, new Head.Labels(K, BLANK)), Team.of(1), T, batch);
    single.lengths(lengths);
    assertEquals(sum, loss(single, logits, targets));
    assertArrayEquals(slopes, Bits.toArray(single.logits()));
    single.input().buffer().copy(logits.buffer(), 0, 0, logits.buffer().length());
    single.forward();
    // Three of them have labels.
    assertEquals(sum / 3, single.loss(targets, Reduction.MEAN), 1e-15 * sum);
  }

  /// Large logits that are equal are as equal zeros; and what has to be said although it is all but impossible has a
  /// loss and slopes that are numbers.
  @Test
  void loss_ofHugeLogits_keepsItsDigits() {
    Targets targets = new Targets.Labels(new int[][] {{0, 2}}, T);
    UnrolledNetwork unrolled =
        UnrolledNetwork.of(Identity.network(KERNELS, new Head.Labels(K, BLANK)), Team.of(1), T, 1);
    Matrix logits = Matrix.allocate(ElementType.FLOAT64, T, K);
    double expected = loss(unrolled, logits, targets);
    double[] slopes = Bits.toArray(unrolled.logits());
    for (double size : new double[] {1e4, 1e30, -1e30}) {
      for (int i = 0; i < T * K; i++) {
        logits.set(i / K, i % K, size);
      }
      assertEquals(expected, loss(unrolled, logits, targets), 1e-13);
      assertArrayEquals(slopes, Bits.toArray(unrolled.logits()), 1e-14);
    }
    for (double size : new double[] {1e4, 1e30}) {
      for (int i = 0; i < T * K; i++) {
        logits.set(i / K, i % K, i % K == 0 ? -size : i % K);
      }
      assertEquals(1, loss(unrolled, logits, targets) / size, 1e-3);
      double[] far = Bits.toArray(unrolled.logits());
      double sum = 0;
      for (int t = 0; t < T; t++) {
        // The slopes of a step add up to 0, those of what has to be said once to -1.
        double ofStep = 0;
        for (int k = 0; k < K; k++) {
          ofStep += far[t * K + k];
        }
        // Logarithms of 1e4 are rounded by 1e-12.
        assertEquals(0, ofStep, 1e-11);
        sum += far[t * K];
      }
      // Which step it is said at is beyond the digits of logarithms of 1e30.
      assertEquals(-1, sum, size > 1e10 ? 1 : 1e-9);
    }
  }

  @Test
  void labels_thatCannotBe_areRefused() {
    UnrolledNetwork unrolled =
        UnrolledNetwork.of(Identity.network(KERNELS, new Head.Labels(K, BLANK)), Team.of(1), T, 1);
    assertRefused(
        unrolled,
        "targets: expected a sequence of at least 6 steps for 4 labels, got 5 in sequence 0",
        0,
        0,
        2,
        2);
    assertRefused(unrolled, "targets: expected 0 to K-1=2, got 3", 3);
    assertRefused(
        unrolled, "targets: expected classes other than the blank, 1, got it in sequence 0", 0, 1);
  }

  private void assertRefused(UnrolledNetwork unrolled, String message, int... labels) {
    Matrix logits = logits(T);
    Targets targets = new Targets.Labels(new int[][] {labels}, T);
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> loss(unrolled, logits, targets))
            .getMessage());
  }

  @Test
  void engines_thatCutSequences_refuseLabels() {
    Network network =
        Network.create(new NetworkSpec(Cells.gru(), new Encoder.Vectors(2), 4, 1, K), KERNELS, 1);
    int steps = 400;
    Inputs inputs = new Inputs.Vectors(Matrix.allocate(ElementType.FLOAT64, steps, 2));
    Batch batch = Batch.of(steps, 1, inputs, new Targets.Labels(new int[][] {{0}}, steps));
    Parameters gradients = network.parameters().zeros();
    long whole = Footprint.of(network.spec(), Precision.DOUBLE, steps, 1, new Engine.Full());
    Bptt budgeted = Bptt.of(network, Team.of(1), steps, 1, new Engine.Budgeted(whole / 2));
    assertThrows(
        IllegalArgumentException.class, () -> budgeted.gradient(batch, Reduction.SUM, gradients));
    assertThrows(IllegalArgumentException.class, () -> batch.part(0, 7));
  }
}
