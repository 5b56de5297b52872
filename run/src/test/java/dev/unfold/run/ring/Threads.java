package dev.unfold.run.ring;

import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Workers that are threads of one process, and talk to each other over the loopback.
public final class Threads {
  static final byte[] TOKEN = "a token of a test".getBytes(StandardCharsets.UTF_8);
  static final Duration TIMEOUT = Duration.ofSeconds(20);

  /// More than any test needs; one that waits as long hangs.
  private static final long HANG = 60;

  /// Connections that may wait at a door that nobody looks at yet.
  private static final int WAITING = 300;

  private Threads() {}

  /// Gradients of more bytes than the buffers of two ends of a connection as a rule.
  static Parameters moreThanBuffersHold() {
    NetworkSpec spec = NetworkSpec.tokens(Cells.lstm(), 7, 5, 2000);
    return Network.zeros(spec, Backends.best(Precision.FLOAT)).parameters().zeros();
  }

  /// What a worker does in its ring.
  public interface Work<R> {
    R in(Ring ring) throws Exception;
  }

  /// What a worker does before it has one.
  interface Entry<R> {
    R with(int rank, List<InetSocketAddress> all, ServerSocketChannel mine) throws Exception;
  }

  /// How a worker ended: with a result, or what it threw.
  record Outcome<R>(R result, Throwable thrown) {
    String message() {
      return thrown == null ? "" : thrown.getMessage();
    }
  }

  static ServerSocketChannel open() throws IOException {
    return ServerSocketChannel.open()
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), WAITING);
  }

  /// Lets `count` workers do `work`; all have to do it without a failure.
  public static <R> List<R> all(int count, Work<R> work) throws Exception {
    return all(count, TIMEOUT, work);
  }

  /// The same with another time-out.
  static <R> List<R> all(int count, Duration timeout, Work<R> work) throws Exception {
    List<Outcome<R>> outcomes = outcomes(count, timeout, work);
    List<R> results = new ArrayList<>();
    for (Outcome<R> outcome : outcomes) {
      if (outcome.thrown() != null) {
        throw new AssertionError(outcome.message(), outcome.thrown());
      }
      results.add(outcome.result());
    }
    return results;
  }

  /// How each of `count` workers ends.
  static <R> List<Outcome<R>> outcomes(int count, Duration timeout, Work<R> work) throws Exception {
    return enter(
        count,
        (rank, all, mine) -> {
          try (Ring ring = Ring.join(rank, all, mine, TOKEN, timeout)) {
            return work.in(ring);
          }
        });
  }

  static <R> List<Outcome<R>> enter(int count, Entry<R> entry) throws Exception {
    List<ServerSocketChannel> doors = new ArrayList<>();
    List<InetSocketAddress> all = new ArrayList<>();
    for (int rank = 0; rank < count; rank++) {
      doors.add(open());
      all.add((InetSocketAddress) doors.getLast().getLocalAddress());
    }
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<R>> futures = new ArrayList<>();
      for (int rank = 0; rank < count; rank++) {
        int own = rank;
        Callable<R> work = () -> entry.with(own, all, doors.get(own));
        futures.add(threads.submit(work));
      }
      List<Outcome<R>> outcomes = new ArrayList<>();
      for (Future<R> future : futures) {
        outcomes.add(outcome(future));
      }
      return outcomes;
    } finally {
      threads.shutdownNow();
      for (ServerSocketChannel door : doors) {
        door.close();
      }
    }
  }

  private static <R> Outcome<R> outcome(Future<R> future) throws InterruptedException {
    try {
      return new Outcome<>(future.get(HANG, TimeUnit.SECONDS), null);
    } catch (ExecutionException e) {
      return new Outcome<>(null, e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("a worker hangs", e);
    }
  }
}
