package dev.unfold.tangent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.unfold.kernels.work.Team;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AffineScanTest {
  private static final int STATES = 3;

  private final Random random = new Random(3);

  private double[][] drawn(int rows, int width) {
    double[][] all = new double[rows][];
    Arrays.setAll(all, row -> random.doubles(width, -1, 1).toArray());
    return all;
  }

  private static double[][] copy(double[]... all) {
    return Arrays.stream(all).map(double[]::clone).toArray(double[][]::new);
  }

  /// y(t) = D(t) y(t-1) + c(t), one after the other.
  private static double[][] stepAfterStep(double[][] slopes, double[][] sums, int batch) {
    double[][] all = copy(sums);
    for (int row = batch; row < all.length; row++) {
      for (int i = 0; i < STATES; i++) {
        for (int j = 0; j < STATES; j++) {
          boolean isWhole = slopes[row].length > STATES;
          double slope = isWhole ? slopes[row][i * STATES + j] : i == j ? slopes[row][i] : 0;
          all[row][i] += slope * all[row - batch][j];
        }
      }
    }
    return all;
  }

  private static void expectClose(double[][] expected, double[][] got, double error) {
    for (int row = 0; row < expected.length; row++) {
      assertArrayEquals(expected[row], got[row], error);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {STATES, STATES * STATES})
  void scan_ofAnyNumberOfSteps_isTheRecurrence(int width) {
    for (int batch = 1; batch <= 3; batch++) {
      for (int steps = 1; steps <= 40; steps++) {
        double[][] slopes = drawn(steps * batch, width);
        double[][] sums = drawn(steps * batch, STATES);
        double[][] expected = stepAfterStep(slopes, sums, batch);
        AffineScan.run(copy(slopes), sums, batch, Team.of(1));
        expectClose(expected, sums, 1e-11);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7})
  void scan_byAnyNumberOfThreads_hasTheSameBits(int threads) {
    double[][] slopes = drawn(2 * 37, STATES * STATES);
    double[][] sums = drawn(2 * 37, STATES);
    double[][] alone = copy(sums);
    AffineScan.run(copy(slopes), alone, 2, Team.of(1));
    AffineScan.run(slopes, sums, 2, Team.of(threads));
    expectClose(alone, sums, Double.MIN_VALUE);
  }

  /// Where nothing is added nothing changes: what the law of k rounds rests on.
  @Test
  void scan_ofZerosAtFirst_leavesThemZeros() {
    double[][] slopes = drawn(20, STATES * STATES);
    double[][] sums = drawn(20, STATES);
    for (int row = 0; row < 13; row++) {
      Arrays.fill(sums[row], 0);
    }
    double[] first = sums[13].clone();
    AffineScan.run(slopes, sums, 1, Team.of(2));
    expectClose(new double[13][STATES], sums, Double.MIN_VALUE);
    assertArrayEquals(first, sums[13], Double.MIN_VALUE);
  }
}
