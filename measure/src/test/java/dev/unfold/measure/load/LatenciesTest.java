package dev.unfold.measure.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LatenciesTest {
  private static final long SEED = 20261130L;

  @Test
  void quantiles_ofManyTimes_areThoseOfTheSortedOnesToOnePercent() {
    Random random = new Random(SEED);
    long[] nanos = random.longs(20_000, 500, 50_000_000).map(each -> each * each / 50_000_000 + 1).toArray();
    Latencies all = new Latencies();
    Latencies half = new Latencies();
    for (int i = 0; i < nanos.length; i++) {
      (i % 2 == 0 ? all : half).add(nanos[i]);
    }
    all.add(half);
    Arrays.sort(nanos);

    assertEquals(nanos.length, all.count());
    assertEquals(nanos[nanos.length - 1] / 1e6, all.largest());
    for (double share : new double[] {0.1, 0.5, 0.99, 0.999, 1}) {
      double exact = nanos[(int) Math.ceil(share * nanos.length) - 1] / 1e6;
      assertEquals(exact, all.quantile(share), 0.0101 * exact, "seed " + SEED + ", " + share);
    }
    assertEquals(0, new Latencies().quantile(0.5));
  }
}
