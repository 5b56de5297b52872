package dev.unfold.run.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.run.ring.Threads.Outcome;
import dev.unfold.train.WorkerException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever happens to one worker ends all others, soon, with a line that names it; and nobody else gets in.
final class RingFailureTest {
  private static final Duration SHORT = Duration.ofMillis(1500);

  /// Numbers of several chunks.
  private static Parameters numbers() {
    NetworkSpec spec = NetworkSpec.tokens(Cells.lstm(), 7, 5, 400);
    return Network.zeros(spec, Backends.best(Precision.FLOAT)).parameters().zeros();
  }

  /// Sums again and again, until something ends it.
  private static int sums(Ring ring, int most) {
    Parameters numbers = numbers();
    for (int i = 0; i < most; i++) {
      ring.sum(i, numbers, List.of(), 1);
    }
    return most;
  }

  /// All but the failing worker end in time with a line about it.
  private static void expectNamed(
      List<? extends Outcome<?>> outcomes, int failing, String end, long since) {
    double seconds = (System.nanoTime() - since) / 1e9;
    assertTrue(seconds < 12, "it took " + seconds + " s");
    for (int rank = 0; rank < outcomes.size(); rank++) {
      if (rank != failing) {
        String message = outcomes.get(rank).message();
        assertTrue(outcomes.get(rank).thrown() instanceof WorkerException, rank + ": " + message);
        assertTrue(
            message.startsWith("rank %d (".formatted(failing)) && message.contains(end),
            rank + ": " + message);
        assertEquals(1, message.lines().count(), message);
      }
    }
  }

  @Test
  void join_whenOneNeverComes_namesIt() throws Exception {
    long since = System.nanoTime();
    List<Outcome<Integer>> outcomes =
        Threads.enter(
            4,
            (rank, all, mine) -> {
              if (rank == 2) {
                return 0;
              }
              try (Ring ring = Ring.join(rank, all, mine, Threads.TOKEN, SHORT)) {
                return sums(ring, 1);
              }
            });
    for (int rank : new int[] {0, 1, 3}) {
      String message = outcomes.get(rank).message();
      // The one before it finds it missing, and so does the one after it.
      assertTrue(
          message.matches(
              "rank 2 \\(.*\\) has (not come within 1.50 s|not let rank 1 \\(.*\\) in within 1.50"
                  + " s)"),
          rank + ": " + message);
    }
    assertTrue(System.nanoTime() - since < 8e9);
  }

  @Test
  void join_whenOneDiesAfterItsHello_namesIt() throws Exception {
    long since = System.nanoTime();
    List<Outcome<Integer>> outcomes =
        Threads.enter(
            3,
            (rank, all, mine) -> {
              if (rank == 1) {
                try (SocketChannel to = SocketChannel.open(all.get(2))) {
                  to.write(ByteBuffer.wrap(new Greeting(3, Threads.TOKEN).of(Greeting.HELLO, 1)));
                  to.read(ByteBuffer.allocate(Greeting.BYTES));
                }
                mine.close();
                return 0;
              }
              try (Ring ring = Ring.join(rank, all, mine, Threads.TOKEN, SHORT)) {
                return sums(ring, 1);
              }
            });
    expectNamed(outcomes, 1, "", since);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void sum_whenOneLeaves_namesIt(int failing) throws Exception {
    long since = System.nanoTime();
    expectNamed(
        Threads.outcomes(4, Threads.TIMEOUT, ring -> sums(ring, ring.rank() == failing ? 3 : 1000)),
        failing,
        "has gone (",
        since);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void sum_whenOneFails_saysWhy(int failing) throws Exception {
    long since = System.nanoTime();
    expectNamed(
        Threads.outcomes(
            3,
            Threads.TIMEOUT,
            ring -> {
              if (ring.rank() == failing) {
                sums(ring, 2);
                ring.fail("no memory\nfor a matrix");
                Thread.sleep(500);
                return 0;
              }
              return sums(ring, 1000);
            }),
        failing,
        ") failed: no memory for a matrix",
        since);
  }

  /// Whether another attempt is worth its while is known to all, however far from the one that says so.
  @ParameterizedTest
  @CsvSource({"0, true", "1, true", "3, true", "2, false"})
  void sum_whenOneRefuses_allKnowThatItIsFinal(int failing, boolean isFinal) throws Exception {
    long since = System.nanoTime();
    List<Outcome<Integer>> outcomes =
        Threads.outcomes(
            4,
            Threads.TIMEOUT,
            ring -> {
              if (ring.rank() == failing) {
                sums(ring, 2);
                if (isFinal) {
                  ring.refuse("hidden: expected 1 or more, got 0");
                } else {
                  ring.fail("hidden: expected 1 or more, got 0");
                }
                Thread.sleep(500);
                return 0;
              }
              return sums(ring, 1000);
            });
    expectNamed(outcomes, failing, ") failed: hidden: expected 1 or more, got 0", since);
    for (int rank = 0; rank < 4; rank++) {
      if (rank != failing) {
        assertEquals(isFinal, ((WorkerException) outcomes.get(rank).thrown()).isFinal(), "" + rank);
      }
    }
  }

  /// Those after it wait for one that waits itself, and do not blame that.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void sum_whenOneIsSilent_namesItAndNobodyElse(int failing) throws Exception {
    long since = System.nanoTime();
    CountDownLatch over = new CountDownLatch(3);
    expectNamed(
        Threads.outcomes(
            4,
            SHORT,
            ring -> {
              if (ring.rank() == failing) {
                sums(ring, 2);
                over.await();
                return 0;
              }
              try {
                return sums(ring, 1000);
              } finally {
                over.countDown();
              }
            }),
        failing,
        " nothing for 1.50 s",
        since);
  }

  /// Of two workers no other waits for one that has given all, and takes no results.
  @Test
  void sum_whenTheOtherOneOfTwoTakesNothing_namesIt() throws Exception {
    long since = System.nanoTime();
    Parameters numbers = Threads.moreThanBuffersHold();
    CountDownLatch over = new CountDownLatch(1);
    List<Outcome<Double>> outcomes =
        Threads.enter(
            2,
            (rank, all, mine) -> {
              if (rank == 1) {
                try (Ring ring = Ring.join(rank, all, mine, Threads.TOKEN, SHORT)) {
                  return ring.sum(5, numbers, List.of(), 1);
                } finally {
                  over.countDown();
                }
              }
              try (HalfWorker half = HalfWorker.join(0, all, mine)) {
                half.tell();
                half.sendPartials(5, new Addends(numbers, List.of(), Addends.chunkOf(2)));
                over.await();
              }
              return 0.0;
            });
    expectNamed(outcomes, 0, " has taken nothing for 1.50 s", since);
  }

  /// A worker may take nearly as long as the time-out, again and again.
  @Test
  void sum_whenOneIsSlow_waitsForIt() throws Exception {
    for (int sums :
        Threads.all(
            3,
            SHORT,
            ring -> {
              Parameters numbers = numbers();
              int i = 0;
              for (; i < 3; i++) {
                Thread.sleep(ring.rank() == 1 ? SHORT.toMillis() * 2 / 3 : 0);
                ring.sum(i, numbers, List.of(), 1);
              }
              return i;
            })) {
      assertEquals(3, sums);
    }
  }

  /// In the midst of a chunk.
  @Test
  void sum_whenOneDiesWithinAChunk_namesIt() throws Exception {
    long since = System.nanoTime();
    List<Outcome<Integer>> outcomes =
        Threads.enter(
            3,
            (rank, all, mine) -> {
              if (rank != 1) {
                try (Ring ring = Ring.join(rank, all, mine, Threads.TOKEN, SHORT)) {
                  return sums(ring, 3);
                }
              }
              try (HalfWorker half = HalfWorker.join(1, all, mine)) {
                half.tell();
                half.sendHalfAChunk();
              }
              return 0;
            });
    expectNamed(outcomes, 1, "", since);
  }

  @Test
  void sum_atAnotherPlace_isRefusedInAll() throws Exception {
    List<Outcome<Double>> outcomes =
        Threads.outcomes(
            3,
            Threads.TIMEOUT,
            ring -> ring.sum(ring.rank() == 1 ? 8 : 7, numbers(), List.of(), 1));
    for (Outcome<Double> outcome : outcomes) {
      assertTrue(
          outcome
              .message()
              .matches(
                  "rank 1 \\(.*\\): expected the place in the data as rank 0 \\(.*\\) has it, 7,"
                      + " got 8; do all have the same data and options\\?"),
          outcome.message());
    }
  }

  @Test
  void expectSame_ofWorkersThatDiffer_namesTheFirst() throws Exception {
    List<Outcome<Integer>> outcomes =
        Threads.outcomes(
            3,
            Threads.TIMEOUT,
            ring -> {
              ring.expectSame("cell", "lstm");
              ring.expectSame("seed", ring.rank() == 2 ? "2" : "1");
              return 0;
            });
    for (Outcome<Integer> outcome : outcomes) {
      assertTrue(
          outcome
              .message()
              .matches("seed of rank 2 \\(.*\\): expected that of rank 0 \\(.*\\), 1, got 2"),
          outcome.message());
    }
  }

  /// Rubbish, nothing at all, too little, and a greeting with an old token.
  @Test
  void join_whenStrangersCome_letsNoneOfThemIn() throws Exception {
    byte[] old = "a token of before".getBytes(StandardCharsets.UTF_8);
    List<Outcome<Integer>> outcomes =
        Threads.enter(
            3,
            (rank, all, mine) -> {
              for (int i = 0; i < 100; i++) {
                stranger(all.get((rank + 1) % 3), new byte[] {1, 2, 3});
              }
              byte[] rubbish = new byte[5000];
              Arrays.fill(rubbish, (byte) 0xFF);
              stranger(all.get((rank + 1) % 3), rubbish);
              for (int other = 0; other < 3; other++) {
                stranger(all.get((rank + 1) % 3), new Greeting(3, old).of(Greeting.HELLO, other));
              }
              try (Socket silent = new Socket()) {
                silent.connect(all.get((rank + 1) % 3));
                try (Ring ring = Ring.join(rank, all, mine, Threads.TOKEN, Threads.TIMEOUT)) {
                  return sums(ring, 3);
                }
              }
            });
    for (Outcome<Integer> outcome : outcomes) {
      assertNull(outcome.thrown(), outcome::message);
      assertEquals(3, outcome.result());
    }
  }

  private static void stranger(InetSocketAddress to, byte... says) throws IOException {
    SocketChannel channel = SocketChannel.open(to);
    channel.write(ByteBuffer.wrap(says));
    // It stays open: the garbage collector may have it.
  }

  @Test
  void join_withAnOldToken_findsNoWayIn() throws Exception {
    byte[] old = "a token of before".getBytes(StandardCharsets.UTF_8);
    List<Outcome<Integer>> outcomes =
        Threads.enter(
            2,
            (rank, all, mine) -> {
              try (Ring ring = Ring.join(rank, all, mine, rank == 1 ? old : Threads.TOKEN, SHORT)) {
                return ring.count();
              }
            });
    for (int rank = 0; rank < 2; rank++) {
      String message = outcomes.get(rank).message();
      assertTrue(
          message.matches("rank %d \\(.*\\) has not come within 1.50 s".formatted(1 - rank)),
          message);
    }
  }

  @Test
  void join_withATokenThatCouldBeGuessed_isRefused() throws IOException {
    try (ServerSocketChannel mine = Threads.open()) {
      List<InetSocketAddress> all = List.of((InetSocketAddress) mine.getLocalAddress());
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> Ring.join(0, all, mine, new byte[] {1, 2}, SHORT).close());
      assertEquals("token: expected 16 to 4096 bytes, got 2", refused.getMessage());
    }
  }

  @Test
  void sum_whenInterrupted_endsAll() throws Exception {
    long since = System.nanoTime();
    Thread[] first = new Thread[1];
    List<Outcome<Integer>> outcomes =
        Threads.outcomes(
            3,
            Threads.TIMEOUT,
            ring -> {
              if (ring.rank() == 0) {
                first[0] = Thread.currentThread();
              }
              sums(ring, 1);
              if (ring.rank() == 2) {
                Thread.sleep(300);
                first[0].interrupt();
                Thread.sleep(300);
              }
              try {
                return sums(ring, 1000);
              } finally {
                assertEquals(ring.rank() == 0, Thread.interrupted());
              }
            });
    expectNamed(outcomes, 0, ") was interrupted", since);
    assertTrue(outcomes.getFirst().message().endsWith(") was interrupted"));
  }

  /// A sum after an end says why there is none.
  @Test
  void sum_afterTheEnd_saysWhy() throws Exception {
    List<String> messages =
        Threads.all(
            2,
            ring -> {
              sums(ring, 1);
              if (ring.rank() == 0) {
                ring.fail("this and that");
                return "";
              }
              String first = assertThrows(WorkerException.class, () -> sums(ring, 9)).getMessage();
              assertEquals(
                  first, assertThrows(WorkerException.class, () -> sums(ring, 9)).getMessage());
              return first;
            });
    assertTrue(messages.get(1).endsWith("failed: this and that"), messages.get(1));
  }
}
