package dev.unfold.run.ring;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.model.Parameters;
import dev.unfold.run.output.Version;
import dev.unfold.train.WorkerException;
import dev.unfold.train.Workers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// Workers in a ring of connections, each of which sends to the next one ([SumCall] has the order of a sum).
///
///     ServerSocketChannel mine = ServerSocketChannel.open().bind(...);
///     // Tell the others the address, and get theirs.
///     try (Ring ring = Ring.join(rank, addresses, mine, token, Duration.ofSeconds(60))) {
///       new TrainingRun(..., new TrainingRun.Share(ring, 500)).train(report);
///     }
///
/// **Who is let in** knows the token, which is to be random and another one for each attempt, so that processes that
/// are left of an earlier one find no way in. It is not sent. What is sent then is not encrypted: a ring belongs in a
/// network of one's own.
///
/// **Failures**: none waits longer than the time-out for a sign of the one before it. Whatever ends one worker ends all
/// others, with one line that says who it was: a worker that throws ([#fail]), closes, dies, or goes silent. The
/// time-out has to be longer than the longest time from the end of a sum to the beginning of the next, such as that of
/// a validation; how long the numbers of a sum take to be found does not matter.
///
/// **Memory**: a chunk of 256 KB; a sum allocates some hundred bytes, and a window or two for each of its chunks.
///
/// **Threads**: one caller at a time, but for [#requestStop] and [#close]. A thread of its own moves the bytes of a sum
/// while the caller's goes on computing.
public final class Ring implements Workers, AutoCloseable {
  private static final Duration LEAST = Duration.ofMillis(100);

  private final Peers peers;

  /// Null of one alone.
  private final Wire wire;

  /// Null of one alone.
  private final Courier courier;

  private final SumCall sum;
  private final Sum running = new Running();
  private volatile boolean asksToStop;
  private volatile boolean stopRequested;

  /// What was added up last.
  private Addends addends;

  private Ring(Peers peers, Wire wire) {
    this.peers = peers;
    this.wire = wire;
    courier = wire == null ? null : new Courier(peers, wire);
    sum = new SumCall(peers);
  }

  /// Waits until all workers are there, and are of one kind.
  ///
  /// @param rank of this one, 0 to W-1
  /// @param all where each of the W listens, by rank
  /// @param mine where this one does, bound; is closed here
  /// @param token that all know and nobody else, 16 bytes or more
  /// @param timeout for all to come, and later for a sign of a worker that others wait for
  ///
  /// **Errors**: [WorkerException] that names a worker which does not come or is of another version;
  /// [IllegalArgumentException] for a rank, token or time-out that cannot be.
  public static Ring join(
      int rank,
      List<InetSocketAddress> all,
      ServerSocketChannel mine,
      byte[] token,
      Duration timeout) {
    Peers peers = new Peers(rank, all);
    Expect.given("mine", mine);
    Greeting greeting = new Greeting(peers.count(), token);
    if (Expect.given("timeout", timeout).compareTo(LEAST) < 0) {
      throw new Refusal("timeout", LEAST.toMillis() + " ms or more", timeout.toMillis() + " ms");
    }
    Ring ring;
    try (RingEntry entry = new RingEntry(peers, mine, greeting, timeout)) {
      ring = new Ring(peers, peers.count() == 1 ? null : entry.enter(timeout));
    } catch (IOException e) {
      throw new WorkerException(peers.name() + " cannot join: " + e.getMessage(), e);
    }
    try {
      ring.expectSame("version and machine", ring.tellFirst(kind()));
      return ring;
    } catch (RuntimeException e) {
      ring.close();
      throw e;
    }
  }

  /// What makes numbers, or how they are kept.
  private static String kind() {
    return "Unfold %s, Java %s, %s, %s"
        .formatted(
            Version.number(),
            Runtime.version().feature(),
            System.getProperty("os.arch"),
            ByteOrder.nativeOrder());
  }

  /// Checks that all workers say the same.
  ///
  /// @param what it is, for the message
  ///
  /// **Errors**: [WorkerException] in all of them that names the first worker which says something else than the first
  /// of all.
  public void expectSame(String what, String said) {
    expectSame(what, gather(said.getBytes(StandardCharsets.UTF_8)));
  }

  private byte[][] tellFirst(String said) {
    GatherCall gather = new GatherCall(peers, said.getBytes(StandardCharsets.UTF_8));
    if (wire != null) {
      wire.begin(gather);
    }
    return gather.told();
  }

  private void expectSame(String what, byte[]... told) {
    for (int rank = 1; rank < told.length; rank++) {
      if (!Arrays.equals(told[rank], told[0])) {
        throw new WorkerException(
            "%s of %s: expected that of %s, %s, got %s"
                .formatted(what, peers.name(rank), peers.name(0), text(told[0]), text(told[rank])));
      }
    }
  }

  private static String text(byte... told) {
    return new String(told, StandardCharsets.UTF_8);
  }

  @Override
  public int rank() {
    return peers.rank();
  }

  @Override
  public int count() {
    return peers.count();
  }

  @Override
  public Sum begin(long place, Parameters gradients, List<Parameters> more) {
    if (courier != null) {
      courier.expectIdle();
    }
    if (addends == null || !addends.isOf(gradients, more)) {
      addends = new Addends(gradients, more, Addends.chunkOf(peers.count()));
    }
    sum.begin(place, addends);
    if (courier != null) {
      courier.start(sum);
    }
    return running;
  }

  /// The one sum that may be on its way.
  private final class Running implements Sum {
    @Override
    public void finalFrom(long from) {
      if (addends.isInPlace() && sum.ready(addends.chunksFrom(from)) && courier != null) {
        wire.wake();
      }
    }

    @Override
    public double finish(double... losses) {
      addends.begin();
      sum.finish(asksToStop, losses);
      if (courier == null) {
        sum.advance();
      } else {
        wire.wake();
        courier.await();
      }
      addends.end();
      stopRequested = sum.isStopRequested();
      return sum.loss();
    }
  }

  @Override
  public byte[][] gather(byte... mine) {
    if (mine.length > GatherCall.MOST) {
      throw new Refusal("mine", "at most %d bytes".formatted(GatherCall.MOST), mine.length);
    }
    GatherCall gather = new GatherCall(peers, mine);
    if (courier != null) {
      courier.expectIdle();
      wire.run(gather);
    }
    return gather.told();
  }

  @Override
  public void requestStop() {
    asksToStop = true;
  }

  @Override
  public boolean isStopRequested() {
    return stopRequested;
  }

  @Override
  public void fail(String reason) {
    end(reason, false);
  }

  @Override
  public void refuse(String reason) {
    end(reason, true);
  }

  private void end(String reason, boolean isFinal) {
    if (courier != null) {
      String line = String.valueOf(reason).replaceAll("\\R+", " ");
      courier.end(new WorkerException(peers.name() + " failed: " + line, isFinal));
    }
  }

  /// Leaves. Others who still need this one find it gone.
  @Override
  public void close() {
    if (courier != null) {
      courier.close();
    }
  }
}
