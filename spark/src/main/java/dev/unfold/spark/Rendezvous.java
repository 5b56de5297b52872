package dev.unfold.spark;

import dev.unfold.run.ring.Ring;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;

/// Where the tasks of a barrier stage find each other: each opens a port where Spark itself listens, and tells it to
/// all. That takes a second of Spark's time and is done once; all else goes through the ring.
final class Rendezvous {
  private Rendezvous() {}

  /// The ring of this attempt.
  ///
  /// @param secret of all attempts, from which the token of each follows
  static Ring join(BarrierTaskContext context, byte[] secret, Duration patience) {
    String host = SparkEnv.get().blockManager().blockManagerId().host();
    try (ServerSocketChannel mine = ServerSocketChannel.open()) {
      mine.bind(new InetSocketAddress(InetAddress.getByName(host), 0));
      int port = ((InetSocketAddress) mine.getLocalAddress()).getPort();
      List<InetSocketAddress> all = new ArrayList<>();
      for (String told : context.allGather(host + " " + port)) {
        int blank = told.indexOf(' ');
        all.add(
            new InetSocketAddress(
                told.substring(0, blank), Integer.parseInt(told.substring(blank + 1))));
      }
      return Ring.join(context.partitionId(), all, mine, token(context, secret), patience);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s: no port can be opened: %s".formatted(host, e.getMessage()), e);
    }
  }

  private static byte[] token(BarrierTaskContext context, byte[] secret) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(secret);
      ByteBuffer attempt = ByteBuffer.allocate(2 * Integer.BYTES);
      digest.update(attempt.putInt(context.stageId()).putInt(context.stageAttemptNumber()).array());
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
