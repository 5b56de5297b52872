package dev.unfold.run.series;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What foresees series without a network.
final class BaselineTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261210L);

  BaselineTest() {
    System.out.println("BaselineTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  private static double noise(SplittableRandom random) {
    return random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5;
  }

  /// y_t = 1.6 y_{t-1} - 0.9 y_{t-2} + e, which swings around its mean.
  private static double[] swinging(int steps) {
    SplittableRandom random = new SplittableRandom(SEED);
    double[] y = new double[steps];
    for (int t = 2; t < steps; t++) {
      y[t] = 1.6 * y[t - 1] - 0.9 * y[t - 2] + noise(random);
    }
    return y;
  }

  @Test
  void leastSquares_ofASeriesThatIsLinear_findItsWeights() {
    double[] y = swinging(4000);
    double[] shifted = Arrays.stream(y).map(value -> 500 + 20 * value).toArray();
    Linear found = new LinearFit(List.of(y, shifted), 4000).of(List.of(2)).orElseThrow();
    assertEquals(-0.9, found.weights().getFirst(), 0.02);
    // y_t - y_{t-1} = -0.9 (y_{t-2} - y_{t-1}) - 0.3 (y_{t-1} - c)
    assertEquals(0.3, found.level(), 0.02);
    double[] path = found.path(t -> y[t], 0, 1000, 3);
    double first = 1.6 * y[999] - 0.9 * y[998];
    assertEquals(first, path[0], 0.3);
    assertEquals(1.6 * first - 0.9 * y[999], path[1], 0.5);
    double[] stretched = found.path(t -> shifted[t], 500, 1000, 3);
    for (int h = 0; h < 3; h++) {
      assertEquals(500 + 20 * path[h], stretched[h], 1e-9 * Math.abs(stretched[h]));
    }
  }

  /// The recursion whose sum over all values before the weights are.
  private static double[] smoothed(double[] y, Smoothing of, int steps) {
    int m = of.season();
    double[] all = Arrays.copyOf(y, y.length + steps);
    double[] errors = new double[all.length];
    for (int t = m + 1; t < all.length; t++) {
      double foreseen =
          all[t - 1]
              + all[t - m]
              - all[t - m - 1]
              - of.theta() * errors[t - 1]
              - of.seasonTheta() * errors[t - m]
              + of.theta() * of.seasonTheta() * errors[t - m - 1];
      if (t < y.length) {
        errors[t] = y[t] - foreseen;
      } else {
        all[t] = foreseen;
      }
    }
    return Arrays.copyOfRange(all, y.length, all.length);
  }

  @ParameterizedTest
  @CsvSource({"12, 0, 0", "12, 0.3, 0.3", "5, 0.5, 0", "7, 0, 0.3", "4, 0.6, 0.2"})
  void smoothing_asWeightsOfValues_isItsRecursion(int season, double theta, double seasonTheta) {
    SplittableRandom random = new SplittableRandom(SEED);
    double[] y = new double[300];
    Arrays.setAll(y, t -> 0.05 * t + Math.sin(2 * Math.PI * t / season) + 0.1 * noise(random));
    Smoothing own = new Smoothing(season, theta, seasonTheta);
    Linear linear = own.linear();
    double[] expected = smoothed(y, own, season);
    double[] path = linear.path(t -> y[t], 0, y.length, season);
    // What is more than some seasons back is left out.
    assertArrayEquals(expected, path, 0.1);
  }

  @Test
  void baseline_ofSeriesThatSwing_isLinearAndBetter() {
    List<double[]> channels = List.of(swinging(600));
    Baseline found = Baseline.of(channels, List.of(), 4, 50);
    assertEquals(1, found.lag());
    assertTrue(found.linear().isPresent());
    double[] walk = new double[600];
    SplittableRandom random = new SplittableRandom(SEED + 1);
    for (int t = 1; t < walk.length; t++) {
      walk[t] = walk[t - 1] + noise(random);
    }
    Baseline ofWalk = Baseline.of(List.of(walk), List.of(), 4, 50);
    ofWalk
        .linear()
        .ifPresent(linear ->
            linear.weights().forEach(weight -> assertEquals(0, weight, 0.2, ofWalk.toString())));
  }

  @Test
  void baseline_ofTooLittle_isPlain() {
    assertEquals(1, Baseline.of(List.of(new double[] {1, 2, 3}), List.of(2), 2, 8).lag());
    assertTrue(Baseline.of(List.of(new double[50]), List.of(12), 2, 8).linear().isEmpty());
    double[] constant = new double[50];
    assertTrue(Baseline.of(List.of(constant), List.of(1 << 20), 2, 8).linear().isEmpty());
    double[] missing = new double[100];
    Arrays.fill(missing, Double.NaN);
    assertTrue(Baseline.of(List.of(missing), List.of(12), 2, 8).linear().isEmpty());
  }

  @Test
  void path_withMissingValues_goesOnFromTheLastKnown() {
    Linear linear = new Linear(List.of(2, 3), List.of(-0.5, 0.25), 0);
    double[] y = {1, 2, Double.NaN, 4, Double.NaN};
    // The last known is y_3 = 4; y_2 is missing, y_3 is itself at lag 2.
    assertEquals(4 + -0.5 * 0, linear.steps().next(t -> t < 0 ? Double.NaN : y[t], 9, 5), 1e-12);
    assertEquals(9, linear.steps().next(_ -> Double.NaN, 9, 5));
    assertEquals(4 - 0.5 * 0 + 0.25 * (2 - 4), linear.steps().next(t -> y[t], 9, 4), 1e-12);
  }

  @Test
  void weights_thatWouldExplode_areFound() {
    assertFalse(new Linear(List.of(2), List.of(-1.2), 0).isStable(100));
    assertTrue(new Linear(List.of(2), List.of(-0.5), 0).isStable(100));
    assertTrue(new Linear(List.of(2), List.of(0.5), 0.5).isStable(100));
    assertFalse(new Linear(List.of(2), List.of(0.0), -0.01).isStable(1000));
  }

  @Test
  void linear_ofAFileThatLies_isRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Linear(List.of(2), List.of(), 0));
    assertThrows(IllegalArgumentException.class, () -> new Linear(List.of(0), List.of(1.0), 0));
    assertThrows(
        IllegalArgumentException.class, () -> new Linear(List.of(1 << 20), List.of(1.0), 0));
    assertThrows(
        IllegalArgumentException.class, () -> new Linear(List.of(2), List.of(Double.NaN), 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Linear(Collections.nCopies(1001, 2), Collections.nCopies(1001, 0.0), 0));
  }
}
