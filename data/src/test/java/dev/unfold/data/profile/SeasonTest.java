package dev.unfold.data.profile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SeasonTest {
  /// From the definition: a sum for each lag.
  private static double[] slow(double[] series, int lags) {
    double[] there = Arrays.stream(series).filter(value -> !Double.isNaN(value)).toArray();
    double mean = Arrays.stream(there).average().orElseThrow();
    double variance =
        Arrays.stream(there).map(value -> (value - mean) * (value - mean)).average().orElseThrow();
    double[] r = new double[lags + 1];
    for (int k = 0; k <= lags; k++) {
      double sum = 0;
      int pairs = 0;
      for (int i = 0; i + k < series.length; i++) {
        if (!Double.isNaN(series[i]) && !Double.isNaN(series[i + k])) {
          sum += (series[i] - mean) * (series[i + k] - mean);
          pairs++;
        }
      }
      r[k] = pairs < 3 ? 0 : sum / pairs / variance;
    }
    return r;
  }

  private static double[] noise(int length, long seed) {
    Random random = new Random(seed);
    return random.doubles(length, -1, 1).toArray();
  }

  @Test
  void autocorrelation_withMissingValues_isThatOfTheDefinition() {
    for (int length : new int[] {7, 64, 100, 257}) {
      double[] series = noise(length, length);
      for (int i = 3; i < length; i += 5) {
        series[i] = Double.NaN;
      }
      int lags = length / 2;
      // Sums of n products of numbers about 1, over pairs of which there are at least 3.
      assertArrayEquals(slow(series, lags), Autocorrelation.of(series, lags), 1e-12 * length);
    }
  }

  @Test
  void autocorrelation_ofAConstant_isNone() {
    double[] constant = new double[50];
    Arrays.fill(constant, 0.1);
    assertNull(Autocorrelation.of(constant, 10));
    assertEquals(Optional.empty(), Season.of(constant));
  }

  @Test
  void season_underNoiseAndTrend_isFound() {
    double[] series = noise(600, 3);
    for (int i = 0; i < series.length; i++) {
      series[i] += 3 * Math.sin(2 * Math.PI * i / 24) + 0.05 * i;
    }
    Season season = Season.of(series).orElseThrow();
    assertEquals(24, season.lag());
    assertTrue(season.strength() > 0.7, season.toString());
  }

  @Test
  void season_ofAMultiplicativeSeriesWithGaps_isFound() {
    double[] series = noise(144, 4);
    for (int i = 0; i < series.length; i++) {
      series[i] = Math.exp(4 + i / 100.0) * (1 + 0.3 * Math.cos(2 * Math.PI * i / 12)) + series[i];
      series[i] = i % 17 == 5 ? Double.NaN : series[i];
    }
    assertEquals(12, Season.of(series).orElseThrow().lag());
  }

  @Test
  void strength_ofWhatRepeatsItself_isNotAbove1() {
    double[] series = new double[80];
    for (int t = 0; t < series.length; t++) {
      series[t] = t == 7 ? Double.NaN : 20 + 2 * t % 12;
    }

    assertEquals(1, Season.of(series).orElseThrow().strength(), 0.05);
    assertTrue(Season.of(series).orElseThrow().strength() <= 1);
  }

  @Test
  void season_ofSeveral_isTheShortestThatIsNearlyAsStrong() {
    double[] series = new double[1000];
    for (int i = 0; i < series.length; i++) {
      series[i] = Math.sin(2 * Math.PI * i / 24) + (i / 24 % 7 == 0 ? 0.3 : 0);
    }
    assertEquals(24, Season.of(series).orElseThrow().lag());
  }

  /// Chance is unlikely, not impossible.
  @Test
  void season_ofNoiseAndOfWalks_isHardlyEverFound() {
    List<String> found = new ArrayList<>();
    for (long seed = 1; seed <= 200; seed++) {
      double[] noise = noise(400, seed);
      double[] walk = noise.clone();
      for (int i = 1; i < walk.length; i++) {
        walk[i] += walk[i - 1];
      }
      String which = " of seed " + seed;
      Season.of(noise).ifPresent(season -> found.add(season + " of noise" + which));
      Season.of(walk).ifPresent(season -> found.add(season + " of a walk" + which));
    }
    System.out.println("SeasonTest: seeds 1 to 200, found " + found);
    assertTrue(found.size() <= 4, found.toString());
  }
}
