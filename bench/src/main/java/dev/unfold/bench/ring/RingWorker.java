package dev.unfold.bench.ring;

import dev.unfold.run.ring.Ring;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/// A worker in a process of its own. It prints its port and then reads two lines: the ports of all, and the token.
final class RingWorker {
  private static final Pattern BLANK = Pattern.compile(" ");
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private RingWorker() {}

  /// Joins, and does what all do.
  ///
  /// @param arguments rank, and those of [Rounds#of]
  @SuppressWarnings("SystemOut")
  public static void main(String... arguments) throws IOException {
    int[] all = Arrays.stream(arguments).mapToInt(Integer::parseInt).toArray();
    try (ServerSocketChannel mine = open()) {
      System.out.println(port(mine));
      BufferedReader told =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      int[] ports = BLANK.splitAsStream(told.readLine()).mapToInt(Integer::parseInt).toArray();
      byte[] token = HexFormat.of().parseHex(told.readLine());
      try (Ring ring = join(all[0], ports, mine, token)) {
        Rounds.of(Arrays.copyOfRange(all, 1, all.length)).run(ring);
      }
    }
  }

  static ServerSocketChannel open() throws IOException {
    return ServerSocketChannel.open()
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  static int port(ServerSocketChannel mine) throws IOException {
    return ((InetSocketAddress) mine.getLocalAddress()).getPort();
  }

  static Ring join(int rank, int[] ports, ServerSocketChannel mine, byte... token) {
    List<InetSocketAddress> all =
        Arrays.stream(ports)
            .mapToObj(port -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .toList();
    return Ring.join(rank, all, mine, token, PATIENCE);
  }
}
