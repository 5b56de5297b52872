package dev.unfold.run.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.run.ring.Threads.Outcome;
import dev.unfold.train.WorkerException;
import dev.unfold.train.Workers;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is found first is added up while the rest is computed.
final class RingOverlapTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261130L);
  private static final long PATIENCE = 20_000_000_000L;

  RingOverlapTest() {
    System.out.println("RingOverlapTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  /// Of several chunks.
  private static Parameters zeros() {
    NetworkSpec spec = NetworkSpec.tokens(Cells.lstm(), 7, 5, 400);
    return Network.zeros(spec, Backends.best(Precision.FLOAT)).parameters().zeros();
  }

  private static HostBuffer buffer(Parameters of) {
    return (HostBuffer) of.buffer();
  }

  /// What worker `rank` has at `i`: exact in any order, so that the sum of all is known.
  private static float number(int rank, long i) {
    return (i % 1000) * (rank + 1);
  }

  private static void find(Ring ring, Parameters own, long from, long until) {
    for (long i = from; i < until; i++) {
      buffer(own).set(i, number(ring.rank(), i));
    }
  }

  private static void expectSum(int workers, Parameters sum) {
    for (long i = 0; i < sum.buffer().length(); i++) {
      double all = (i % 1000) * (workers * (workers + 1) / 2);
      assertEquals(all, buffer(sum).get(i), "number " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void sum_ofWhatIsThere_comesBeforeTheRestIsFound(int workers) throws Exception {
    Threads.all(
        workers,
        ring -> {
          Parameters own = zeros();
          long length = own.buffer().length();
          long last = length - 1;
          double all = (last % 1000) * (workers * (workers + 1) / 2);
          Workers.Sum sum = ring.begin(5, own, List.of());
          find(ring, own, length / 2, length);
          sum.finalFrom(length / 2);
          await(() -> buffer(own).get(last) == all, "the sum has not come");
          find(ring, own, 0, length / 2);
          assertEquals(workers, sum.finish(1));
          expectSum(workers, own);
          return 0;
        });
  }

  /// However the workers' numbers come, and whoever is late.
  @Test
  void sum_ofAnyPieces_isThatOfAll() throws Exception {
    Threads.all(
        3,
        ring -> {
          SplittableRandom random = new SplittableRandom(SEED + ring.rank());
          Parameters own = zeros();
          for (int update = 0; update < 20; update++) {
            Workers.Sum sum = ring.begin(update, own, List.of());
            long until = own.buffer().length();
            while (until > 0) {
              long from = random.nextInt(3) == 0 ? 0 : random.nextLong(until);
              find(ring, own, from, until);
              sum.finalFrom(from);
              until = from;
              Thread.sleep(random.nextInt(4));
            }
            assertEquals(3 * update, sum.finish(update));
            expectSum(3, own);
          }
          return 0;
        });
  }

  /// Others know that it is there.
  @Test
  void sum_whenOneComputesForLongerThanTheTimeOut_waitsForIt() throws Exception {
    Duration timeout = Duration.ofMillis(800);
    Threads.all(
        3,
        timeout,
        ring -> {
          Parameters own = zeros();
          Workers.Sum sum = ring.begin(5, own, List.of());
          find(ring, own, 0, own.buffer().length());
          if (ring.rank() == 1) {
            Thread.sleep(timeout.toMillis() * 3);
          }
          sum.finish(1);
          expectSum(3, own);
          return 0;
        });
  }

  /// The one before it can send no more, which is no fault of it.
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void sum_whenOneOfTwoComputesAndBuffersAreFull_waitsForIt(int late) throws Exception {
    Duration timeout = Duration.ofMillis(800);
    List<Double> losses =
        Threads.all(
            2,
            timeout,
            ring -> {
              Parameters own = Threads.moreThanBuffersHold();
              Workers.Sum sum = ring.begin(5, own, List.of());
              if (ring.rank() == late) {
                sum.finalFrom(own.buffer().length() / 2);
                Thread.sleep(timeout.toMillis() * 3);
              }
              return sum.finish(1);
            });
    assertEquals(List.of(2.0, 2.0), losses);
  }

  private static void await(BooleanSupplier condition, String otherwise)
      throws InterruptedException {
    long since = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - since < PATIENCE, otherwise);
      Thread.sleep(1);
    }
  }

  /// And leaves the first one as it is.
  @Test
  void call_whileASumIsOnItsWay_isRefused() throws Exception {
    Threads.all(
        2,
        ring -> {
          Parameters own = zeros();
          long length = own.buffer().length();
          double all = (length - 1) % 1000 * 3;
          Workers.Sum sum = ring.begin(5, own, List.of());
          find(ring, own, length / 2, length);
          sum.finalFrom(length / 2);
          await(() -> buffer(own).get(length - 1) == all, "the sum has not come");
          assertThrows(IllegalStateException.class, () -> ring.begin(6, own, List.of()));
          assertThrows(IllegalStateException.class, () -> ring.gather((byte) 1));
          find(ring, own, 0, length / 2);
          assertEquals(2, sum.finish(1));
          expectSum(2, own);
          return 0;
        });
  }

  @Test
  void sum_whenItsRingIsClosedByAnotherThread_endsWithItsThread() throws Exception {
    Threads.outcomes(
            2,
            Threads.TIMEOUT,
            ring -> {
              Parameters own = zeros();
              Workers.Sum sum = ring.begin(5, own, List.of());
              if (ring.rank() == 1) {
                Thread.ofPlatform().start(ring::close).join();
                String said = assertThrows(WorkerException.class, () -> sum.finish(1)).getMessage();
                assertTrue(said.endsWith(" has left the ring"), said);
                assertEquals(
                    said,
                    assertThrows(WorkerException.class, () -> ring.begin(6, own, List.of()))
                        .getMessage());
                return 0;
              }
              assertThrows(WorkerException.class, () -> sum.finish(1));
              return 0;
            })
        .forEach(outcome -> assertNull(outcome.thrown(), outcome::message));
    await(
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("unfold-ring-")),
        "a ring's thread is left");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void sum_whenOneFailsBeforeItsEnd_saysWhy(int failing) throws Exception {
    List<Outcome<Integer>> outcomes =
        Threads.outcomes(
            3,
            Threads.TIMEOUT,
            ring -> {
              Parameters own = zeros();
              Workers.Sum sum = ring.begin(5, own, List.of());
              sum.finalFrom(own.buffer().length() / 2);
              if (ring.rank() == failing) {
                ring.fail("no memory");
                assertThrows(WorkerException.class, () -> sum.finish(1));
                return 0;
              }
              sum.finish(1);
              return 1;
            });
    for (int rank = 0; rank < 3; rank++) {
      String message = outcomes.get(rank).message();
      assertTrue(
          rank == failing
              ? message.isEmpty()
              : message.startsWith("rank " + failing) && message.endsWith(" failed: no memory"),
          message);
    }
  }
}
