package dev.unfold.run.ring;

import dev.unfold.train.WorkerException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/// Makes the two connections of a worker: lets in the worker before it, and goes to the one after it, again and again
/// until that is there. Whoever comes and does not say the right [Greeting] is sent away: after [Greeting#BYTES] bytes,
/// a short while, or when too many wait.
final class RingEntry implements AutoCloseable {
  /// How long a connection may take to say who it is, at most.
  private static final long MOST_PATIENCE = 5_000_000_000L;

  /// How many may wait.
  private static final int MOST_GUESTS = 64;

  private static final long PAUSE = 50_000_000L;

  private final Peers peers;
  private final Greeting greeting;
  private final long start = System.nanoTime();
  private final long timeout;
  private final ServerSocketChannel door;
  private final Selector selector = Selector.open();
  private final Deque<Guest> guests = new ArrayDeque<>();

  /// Null until they are there.
  private SocketChannel in;

  private SocketChannel out;

  /// Who is on the way to be [#out]; null between two tries.
  private Guest visit;

  private long nextTry = start;

  /// A connection, and what it has said.
  private static final class Guest {
    private final SocketChannel channel;
    private final long since = System.nanoTime();
    private final byte[] greeting = new byte[Greeting.BYTES];
    private final ByteBuffer said = ByteBuffer.wrap(greeting);

    /// What it is still to be told.
    private ByteBuffer told = ByteBuffer.allocate(0);

    private boolean isRight;

    Guest(SocketChannel channel) {
      this.channel = channel;
    }
  }

  RingEntry(Peers peers, ServerSocketChannel door, Greeting greeting, Duration timeout)
      throws IOException {
    this.peers = peers;
    this.door = door;
    this.greeting = greeting;
    this.timeout = timeout.toNanos();
    door.configureBlocking(false);
    door.register(selector, SelectionKey.OP_ACCEPT);
  }

  /// Waits for both neighbours.
  ///
  /// **Errors**: [WorkerException] that names who is missing after the time-out.
  Wire enter(Duration silence) throws IOException {
    while (in == null || out == null) {
      if (Thread.currentThread().isInterrupted()) {
        throw new WorkerException(peers.name() + " was interrupted");
      }
      long now = System.nanoTime();
      if (now - start > timeout) {
        WorkerException missing = missing();
        // The one that is there waits, too.
        for (SocketChannel there : new SocketChannel[] {in, out}) {
          if (there != null) {
            Farewell.tell(there, peers.rank(), missing);
          }
        }
        throw missing;
      }
      if (out == null && visit == null && now >= nextTry) {
        set();
      }
      selector.select(PAUSE / 1_000_000);
      selector.selectedKeys().clear();
      admit();
      guests.removeIf(this::isDone);
      advance();
    }
    for (SocketChannel channel : new SocketChannel[] {in, out}) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      SelectionKey key = channel.keyFor(selector);
      if (key != null) {
        key.cancel();
      }
    }
    selector.selectNow();
    Wire wire = new Wire(peers, in, out, silence);
    in = null;
    out = null;
    return wire;
  }

  private WorkerException missing() {
    String seconds = Signs.seconds(timeout);
    return new WorkerException(
        in == null
            ? "%s has not come within %s".formatted(peers.name(peers.before()), seconds)
            : "%s has not let %s in within %s"
                .formatted(peers.name(peers.after()), peers.name(), seconds));
  }

  /// Lets everybody in who waits at the door.
  private void admit() throws IOException {
    for (SocketChannel one = door.accept(); one != null; one = door.accept()) {
      one.configureBlocking(false);
      one.register(selector, SelectionKey.OP_READ);
      guests.add(new Guest(one));
      if (guests.size() > MOST_GUESTS) {
        leave(guests.remove().channel);
      }
    }
  }

  /// Hears what a guest says.
  ///
  /// @return whether it is no guest any more
  private boolean isDone(Guest guest) {
    try {
      boolean isThere = hear(guest);
      if (guest.isRight && !guest.told.hasRemaining()) {
        if (in != null) {
          leave(in);
        }
        in = guest.channel;
        return true;
      }
      long patience = Math.min(MOST_PATIENCE, timeout / 2);
      if (isThere && System.nanoTime() - guest.since < patience) {
        return false;
      }
    } catch (IOException _) {
      // It is gone.
    }
    leave(guest.channel);
    return true;
  }

  /// @return whether it may stay
  private boolean hear(Guest guest) throws IOException {
    if (!guest.isRight) {
      if (guest.channel.read(guest.said) < 0) {
        return false;
      }
      if (guest.said.hasRemaining()) {
        return true;
      }
      if (!greeting.isFrom(Greeting.HELLO, peers.before(), guest.greeting)) {
        return false;
      }
      guest.isRight = true;
      guest.told = ByteBuffer.wrap(greeting.of(Greeting.WELCOME, peers.rank()));
    }
    guest.channel.write(guest.told);
    return true;
  }

  /// Sets out to the worker after this one.
  private void set() throws IOException {
    InetSocketAddress to = peers.all().get(peers.after());
    // A name that is not known yet may be soon.
    InetSocketAddress address =
        to.isUnresolved() ? new InetSocketAddress(to.getHostString(), to.getPort()) : to;
    nextTry = System.nanoTime() + PAUSE;
    if (address.isUnresolved()) {
      return;
    }
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    visit = new Guest(channel);
    visit.told = ByteBuffer.wrap(greeting.of(Greeting.HELLO, peers.rank()));
    try {
      channel.connect(address);
      channel.register(selector, SelectionKey.OP_CONNECT);
    } catch (IOException e) {
      giveUp();
    }
  }

  /// Goes on with the visit as far as it can.
  private void advance() {
    if (visit == null) {
      return;
    }
    try {
      SocketChannel channel = visit.channel;
      if (!channel.isConnected()) {
        if (!channel.finishConnect()) {
          return;
        }
        channel.register(selector, SelectionKey.OP_READ);
      }
      channel.write(visit.told);
      if (channel.read(visit.said) < 0) {
        giveUp();
      } else if (!visit.said.hasRemaining()) {
        if (greeting.isFrom(Greeting.WELCOME, peers.after(), visit.greeting)) {
          out = channel;
          visit = null;
        } else {
          giveUp();
        }
      }
    } catch (IOException e) {
      giveUp();
    }
  }

  /// The next try may find what is not there yet.
  private void giveUp() {
    leave(visit.channel);
    visit = null;
  }

  private static void leave(AutoCloseable channel) {
    try {
      channel.close();
    } catch (Exception e) {
      System.getLogger(RingEntry.class.getName())
          .log(System.Logger.Level.DEBUG, "a connection could not be closed", e);
    }
  }

  /// Closes the door, and all connections that did not become a [Wire].
  @Override
  public void close() {
    guests.forEach(guest -> leave(guest.channel));
    if (visit != null) {
      leave(visit.channel);
    }
    if (in != null) {
      leave(in);
    }
    if (out != null) {
      leave(out);
    }
    leave(door);
    leave(selector);
  }
}
