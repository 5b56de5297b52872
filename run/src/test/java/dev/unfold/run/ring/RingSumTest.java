package dev.unfold.run.ring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What workers add up is the sum of all blocks in their order, bit for bit.
final class RingSumTest {
  private static Parameters zeros(Precision precision, int hidden) {
    NetworkSpec spec = NetworkSpec.tokens(Cells.lstm(), 7, 5, hidden);
    return Network.zeros(spec, Backends.best(precision)).parameters().zeros();
  }

  /// Those of a block: of sizes so different that another order gives another sum.
  private static Parameters block(Precision precision, int hidden, int k) {
    Parameters block = zeros(precision, hidden);
    HostBuffer buffer = (HostBuffer) block.buffer();
    SplittableRandom random = new SplittableRandom(k);
    for (long i = 0; i < buffer.length(); i++) {
      buffer.set(i, (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(6)));
    }
    return block;
  }

  private static void add(Parameters sum, Parameters more, Precision precision) {
    HostBuffer to = (HostBuffer) sum.buffer();
    HostBuffer from = (HostBuffer) more.buffer();
    for (long i = 0; i < to.length(); i++) {
      double both = to.get(i) + from.get(i);
      to.set(i, precision == Precision.FLOAT ? (float) both : both);
    }
  }

  private static double loss(int k) {
    return Math.pow(10, k % 5) / 3;
  }

  private static double[] numbers(Parameters of) {
    return of.buffer().toArray();
  }

  private record Sum(double[] gradients, double loss) {}

  private static Sum sum(Ring ring, Precision precision, int hidden, int blocks) {
    int first = ring.firstBlock(blocks);
    int until = ring.untilBlock(blocks);
    Parameters sum = block(precision, hidden, first);
    List<Parameters> more = new ArrayList<>();
    double[] losses = new double[until - first];
    losses[0] = loss(first);
    for (int k = first + 1; k < until; k++) {
      losses[k - first] = loss(k);
      if (ring.rank() == 0) {
        add(sum, block(precision, hidden, k), precision);
      } else {
        more.add(block(precision, hidden, k));
      }
    }
    double loss = ring.sum(3, sum, more, losses);
    return new Sum(numbers(sum), loss);
  }

  /// Of one chunk in part, and of several.
  @ParameterizedTest
  @CsvSource({
    "FLOAT, 3, 7",
    "DOUBLE, 3, 7",
    "FLOAT, 200, 7",
    "DOUBLE, 150, 7",
    "FLOAT, 200, 4",
  })
  void sum_ofAnyNumberOfWorkers_isThatOfTheBlocksInTheirOrder(
      Precision precision, int hidden, int blocks) throws Exception {
    Parameters expected = block(precision, hidden, 0);
    double loss = loss(0);
    for (int k = 1; k < blocks; k++) {
      add(expected, block(precision, hidden, k), precision);
      loss += loss(k);
    }
    double[] right = numbers(expected);
    for (int workers : new int[] {1, 2, 3, 4}) {
      for (Sum sum : Threads.all(workers, ring -> sum(ring, precision, hidden, blocks))) {
        assertArrayEquals(right, sum.gradients(), workers + " workers");
        assertEquals(loss, sum.loss(), workers + " workers");
      }
    }
    Parameters backwards = block(precision, hidden, blocks - 1);
    for (int k = blocks - 2; k >= 0; k--) {
      add(backwards, block(precision, hidden, k), precision);
    }
    assertFalse(Arrays.equals(right, numbers(backwards)), "another order is another sum");
  }

  @Test
  void sum_manyTimes_isRightEachTime() throws Exception {
    List<double[]> sums =
        Threads.all(
            3,
            ring -> {
              Parameters own = zeros(Precision.FLOAT, 150);
              double[] seen = new double[200];
              for (int update = 0; update < seen.length; update++) {
                own.buffer().clear();
                ((HostBuffer) own.buffer()).set(update, ring.rank() + 1);
                double loss = ring.sum(update, own, List.of(), update);
                seen[update] = ((HostBuffer) own.buffer()).get(update) + loss;
              }
              return seen;
            });
    for (double[] seen : sums) {
      for (int update = 0; update < seen.length; update++) {
        assertEquals(6 + 3.0 * update, seen[update]);
      }
    }
  }

  @Test
  void gather_ofBytesOfAnySize_givesAllToAll() throws Exception {
    for (int workers : new int[] {1, 2, 3, 5}) {
      List<byte[][]> told =
          Threads.all(
              workers,
              ring -> {
                ring.gather();
                byte[] mine = new byte[ring.rank() * 1_000_000];
                Arrays.fill(mine, (byte) ring.rank());
                return ring.gather(mine);
              });
      for (byte[][] all : told) {
        assertEquals(workers, all.length);
        for (int rank = 0; rank < workers; rank++) {
          assertEquals(rank * 1_000_000, all[rank].length);
          for (byte each : all[rank]) {
            assertEquals(rank, each);
          }
        }
      }
    }
  }

  @Test
  void requestStop_byOne_isSeenByAllAfterTheSameSum() throws Exception {
    List<Integer> stops =
        Threads.all(
            3,
            ring -> {
              Parameters own = zeros(Precision.FLOAT, 3);
              int sums = 0;
              while (!ring.isStopRequested()) {
                if (sums == 2 && ring.rank() == 1) {
                  ring.requestStop();
                  assertFalse(ring.isStopRequested());
                }
                ring.sum(sums, own, List.of(), 0);
                sums++;
              }
              return sums;
            });
    assertEquals(List.of(3, 3, 3), stops);
  }
}
