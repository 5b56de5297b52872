package dev.unfold.run.ring;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A worker that knows the way in, and then does not do what it should.
final class HalfWorker implements AutoCloseable {
  private final int rank;
  private final int count;
  private final SocketChannel in;
  private final SocketChannel out;

  private HalfWorker(int rank, int count, SocketChannel in, SocketChannel out) {
    this.rank = rank;
    this.count = count;
    this.in = in;
    this.out = out;
  }

  static HalfWorker join(int rank, List<InetSocketAddress> all, ServerSocketChannel mine)
      throws IOException {
    Greeting greeting = new Greeting(all.size(), Threads.TOKEN);
    SocketChannel out = SocketChannel.open(all.get((rank + 1) % all.size()));
    out.write(ByteBuffer.wrap(greeting.of(Greeting.HELLO, rank)));
    mine.configureBlocking(true);
    SocketChannel in = mine.accept();
    read(in, Greeting.BYTES);
    in.write(ByteBuffer.wrap(greeting.of(Greeting.WELCOME, rank)));
    read(out, Greeting.BYTES);
    return new HalfWorker(rank, all.size(), in, out);
  }

  private static ByteBuffer read(SocketChannel from, int bytes) throws IOException {
    ByteBuffer read = ByteBuffer.allocate(bytes);
    while (read.hasRemaining()) {
      if (from.read(read) < 0) {
        throw new IOException("the connection is over");
      }
    }
    return read.flip();
  }

  /// Says what the one before it says, when all tell each other what they are.
  void tell() throws IOException {
    // What each tells comes in the order of the ranks before this one.
    for (int i = 1; i < count; i++) {
      ByteBuffer head = read(in, Frame.BYTES);
      while (head.getInt(0) == Frame.ALIVE) {
        head = read(in, Frame.BYTES);
      }
      int owner = head.getInt(2 * Integer.BYTES);
      byte[] told = new byte[head.getInt(3 * Integer.BYTES)];
      read(in, told.length).get(told);
      if (i == 1) {
        send(rank, told);
      }
      if (i < count - 1) {
        send(owner, told);
      }
    }
  }

  private void send(int owner, byte... bytes) throws IOException {
    Frame frame = new Frame();
    frame.set(Frame.GATHERED, 1, owner, bytes.length);
    out.write(new ByteBuffer[] {frame.head, ByteBuffer.wrap(bytes)});
  }

  /// The beginning of a sum.
  void sendHalfAChunk() throws IOException {
    Frame frame = new Frame();
    ByteBuffer head = read(in, Frame.BYTES);
    while (head.getInt(0) == Frame.ALIVE) {
      head = read(in, Frame.BYTES);
    }
    int length = head.getInt(3 * Integer.BYTES);
    frame.set(Frame.PARTIAL, 2, 0, length);
    out.write(new ByteBuffer[] {frame.head, read(in, length)});
    ByteBuffer next = read(in, Frame.BYTES);
    frame.set(Frame.PARTIAL, 2, 1, next.getInt(3 * Integer.BYTES));
    out.write(
        new ByteBuffer[] {frame.head, ByteBuffer.wrap("half".getBytes(StandardCharsets.UTF_8))});
  }

  /// All that worker 0 gives to a sum, as zeros.
  void sendPartials(long place, Addends of) throws IOException {
    int chunks = of.chunks();
    for (int part = 0; part < chunks; part++) {
      sendPartial(part, ByteBuffer.allocate(of.bytes(chunks - 1 - part)));
    }
    ByteBuffer tail = ByteBuffer.allocate(SumCall.TAIL);
    tail.putLong(0, place).putLong(Long.BYTES, of.numbers());
    sendPartial(chunks, tail);
  }

  private void sendPartial(int part, ByteBuffer bytes) throws IOException {
    Frame frame = new Frame();
    frame.set(Frame.PARTIAL, 2, part, bytes.remaining());
    ByteBuffer[] all = {frame.head, bytes};
    while (bytes.hasRemaining()) {
      out.write(all);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
    out.close();
  }
}
