package dev.unfold.run.ring;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.model.Parameters;
import dev.unfold.run.ring.Threads.Outcome;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How long a sum takes on links of a given rate and delay is what `docs/distributed.md` says.
final class RingModelTest {
  private static final int SUMS = 9;

  /// About a million numbers.
  private static Parameters numbers() {
    return Simulation.numbers(500);
  }

  /// Seconds, at most: what the busiest link carries, and a chunk over all links to the last worker and back.
  private static double model(int workers, double bytes, double rate, double delay) {
    double chunk = Addends.chunkOf(workers);
    double carried = workers == 2 ? bytes : 2 * bytes;
    return carried / rate + 2 * (workers - 1) * (delay + chunk / rate);
  }

  /// The median of a few sums, of the first worker.
  private static double measured(int workers, double rate, double delay) throws Exception {
    List<SlowLink> links = new ArrayList<>();
    try {
      List<Outcome<Double>> outcomes =
          Threads.enter(
              workers,
              (rank, all, mine) -> {
                List<InetSocketAddress> seen = new ArrayList<>(all);
                int next = (rank + 1) % workers;
                seen.set(next, link(links, all.get(next), rate, delay));
                try (Ring ring = Ring.join(rank, seen, mine, Threads.TOKEN, Threads.TIMEOUT)) {
                  Parameters own = numbers();
                  double[] seconds = new double[SUMS];
                  for (int i = 0; i < SUMS; i++) {
                    ring.gather();
                    long since = System.nanoTime();
                    ring.sum(i, own, List.of(), 1);
                    seconds[i] = (System.nanoTime() - since) / 1e9;
                  }
                  Arrays.sort(seconds);
                  return seconds[SUMS / 2];
                }
              });
      return outcomes.stream().mapToDouble(Outcome::result).max().orElseThrow();
    } finally {
      for (SlowLink link : links) {
        link.close();
      }
    }
  }

  private static InetSocketAddress link(
      List<SlowLink> links, InetSocketAddress to, double rate, double delay) throws IOException {
    SlowLink link = new SlowLink(to, rate, (long) (delay * 1e9));
    synchronized (links) {
      links.add(link);
    }
    return link.address();
  }

  /// The calls of the workers themselves, in a time that is only counted.
  ///
  /// @param rate MB a second
  /// @param delay in milliseconds
  @ParameterizedTest
  @CsvSource({
    "2, 1250, 0.05", "3, 1250, 0.05", "8, 1250, 0.05", "64, 1250, 0.05", "512, 1250, 0.05",
    "2, 125, 1", "4, 125, 1", "8, 125, 1", "64, 125, 1", "4, 50, 20",
  })
  void sum_ofManyWorkers_takesNoLongerThanTheModelSays(int workers, double rate, double delay) {
    Parameters numbers = numbers();
    double bytes = 4.0 * numbers.buffer().length();
    Simulation.Outcome sum = Simulation.of(workers, numbers, rate * 1e6, delay / 1e3);
    double most = model(workers, bytes, rate * 1e6, delay / 1e3);
    assertTrue(
        sum.seconds() > 0.7 * most && sum.seconds() <= 1.001 * most,
        "it takes %.5f s, of at most %.5f s".formatted(sum.seconds(), most));
    assertTrue(sum.mostCarried() < 2.01 * bytes, sum.toString());
  }

  /// With what is found first added up meanwhile, the rest is all that is left to wait for.
  @ParameterizedTest
  @CsvSource({"2, 1250, 0.05", "8, 1250, 0.05", "64, 1250, 0.05", "8, 125, 1", "512, 1250, 0.05"})
  void sum_whosePartsComeOneByOne_takesTheTimeOfTheLast(int workers, double rate, double delay) {
    Parameters numbers = numbers();
    long third = numbers.buffer().length() / 3;
    double last = model(workers, 4.0 * third, rate * 1e6, delay / 1e3);
    double meanwhile = model(workers, 8.0 * third, rate * 1e6, delay / 1e3);
    List<Simulation.Found> found =
        List.of(new Simulation.Found(0, third), new Simulation.Found(meanwhile, 0));
    double seconds = Simulation.of(workers, numbers, rate * 1e6, delay / 1e3, found).seconds();
    double chunk = Addends.chunkOf(workers) / (rate * 1e6);
    assertTrue(
        seconds > meanwhile + 0.6 * last && seconds <= meanwhile + 1.01 * last + 2 * chunk,
        "after %.5f s it takes %.5f s, of about %.5f s"
            .formatted(meanwhile, seconds - meanwhile, last));
  }

  /// The same over sockets that are slowed down: no faster, and on a machine that has other work not much slower.
  ///
  /// @param rate MB a second
  /// @param delay in milliseconds
  @Tag("slow")
  @ParameterizedTest
  @CsvSource({"2, 50, 1", "2, 50, 20", "4, 50, 1", "4, 50, 20", "8, 50, 1"})
  void sum_overSlowSockets_takesAsLongAsTheSimulation(int workers, double rate, double delay)
      throws Exception {
    double expected = Simulation.of(workers, numbers(), rate * 1e6, delay / 1e3).seconds();
    double seconds = measured(workers, rate * 1e6, delay / 1e3);
    System.out.printf(
        "%d workers, %.0f MB/s, %.0f ms: %.1f ms, in the simulation %.1f ms%n",
        workers, rate, delay, seconds * 1e3, expected * 1e3);
    assertTrue(
        seconds > 0.9 * expected && seconds < 5 * expected,
        "it took %.4f s, and %.4f s were expected".formatted(seconds, expected));
  }
}
