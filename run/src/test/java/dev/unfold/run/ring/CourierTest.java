package dev.unfold.run.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What happens in the thread of a ring reaches who waits for it.
final class CourierTest {
  /// A call that does what it is told first.
  private record Meeting(Runnable first) implements Call {
    @Override
    public void advance() {
      first.run();
    }

    @Override
    public boolean isExpecting() {
      return true;
    }

    @Override
    public boolean hasAll() {
      return false;
    }

    @Override
    public ByteBuffer accept(int kind, int index, int length) {
      throw new AssertionError("nothing comes");
    }

    @Override
    public void received() {
      throw new AssertionError("nothing comes");
    }

    @Override
    public boolean hasNext() {
      return false;
    }

    @Override
    public ByteBuffer take(Frame frame, int call) {
      throw new AssertionError("there is nothing");
    }

    @Override
    public boolean hasSentAll() {
      return true;
    }
  }

  private interface Use {
    void of(Courier courier);
  }

  /// A courier of a ring of one, which sends to itself.
  private static void use(Use use) throws Exception {
    try (ServerSocketChannel door = Threads.open()) {
      InetSocketAddress address = (InetSocketAddress) door.getLocalAddress();
      SocketChannel out = SocketChannel.open(address);
      SocketChannel in = door.accept();
      out.configureBlocking(false);
      in.configureBlocking(false);
      Peers peers = new Peers(0, List.of(address, address));
      try (Courier courier = new Courier(peers, new Wire(peers, in, out, Duration.ofSeconds(9)))) {
        use.of(courier);
      }
    }
  }

  @Test
  void call_thatFindsNoMemory_endsWithThat() throws Exception {
    OutOfMemoryError none = new OutOfMemoryError("none");
    use(courier -> {
      courier.start(
          new Meeting(() -> {
            throw none;
          }));
      assertSame(none, assertThrows(OutOfMemoryError.class, courier::await));
    });
  }

  @Test
  void call_whileOneIsOnItsWay_isRefused() throws Exception {
    use(courier -> {
      courier.start(new Meeting(() -> {}));
      assertEquals(
          "expected one sum or other call at a time, got two",
          assertThrows(IllegalStateException.class, courier::expectIdle).getMessage());
    });
  }
}
