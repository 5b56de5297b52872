package dev.unfold.run.ring;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/// A way to a worker that takes time: what comes in goes out at a rate, and a delay later. What is said in the other
/// direction passes at once.
final class SlowLink implements AutoCloseable {
  private static final int PIECE = 1 << 13;

  /// Bytes that may be on their way, as in the buffers of two ends.
  private static final int ROOM = 1 << 19;

  private final ServerSocketChannel door = Threads.open();
  private final InetSocketAddress to;
  private final double bytesPerNano;
  private final long delay;
  private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
  private final Semaphore room;
  private final Thread[] threads;
  private volatile SocketChannel from;
  private volatile SocketChannel on;

  private record Piece(ByteBuffer bytes, long due) {}

  /// @param to where it leads
  /// @param bytesPerSecond how many bytes pass
  /// @param delay of each of them, in nanoseconds
  SlowLink(InetSocketAddress to, double bytesPerSecond, long delay) throws IOException {
    this.to = to;
    this.delay = delay;
    bytesPerNano = bytesPerSecond / 1e9;
    // What a link holds by itself while it carries all that it can, beside the buffers.
    room = new Semaphore((int) (ROOM + 2 * delay * bytesPerNano));
    threads = new Thread[] {start(this::read), start(this::write), start(this::answer)};
  }

  private interface Part {
    void run() throws IOException, InterruptedException;
  }

  private static Thread start(Part part) {
    return Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            part.run();
          } catch (IOException | InterruptedException e) {
            // The link is over.
          }
        });
  }

  InetSocketAddress address() throws IOException {
    return (InetSocketAddress) door.getLocalAddress();
  }

  private void read() throws IOException, InterruptedException {
    SocketChannel in = door.accept();
    on = SocketChannel.open(to);
    from = in;
    long free = System.nanoTime();
    while (true) {
      ByteBuffer bytes = ByteBuffer.allocate(PIECE);
      if (in.read(bytes) < 0) {
        throw new EOFException();
      }
      bytes.flip();
      room.acquire(bytes.remaining());
      free = Math.max(free, System.nanoTime()) + (long) (bytes.remaining() / bytesPerNano);
      pieces.add(new Piece(bytes, free + delay));
    }
  }

  private void write() throws IOException, InterruptedException {
    while (true) {
      Piece piece = pieces.take();
      for (long left = piece.due - System.nanoTime();
          left > 0;
          left = piece.due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      int bytes = piece.bytes.remaining();
      while (piece.bytes.hasRemaining()) {
        on.write(piece.bytes);
      }
      room.release(bytes);
    }
  }

  private void answer() throws IOException, InterruptedException {
    while (from == null) {
      Thread.sleep(1);
    }
    ByteBuffer bytes = ByteBuffer.allocate(PIECE);
    while (on.read(bytes.clear()) >= 0) {
      bytes.flip();
      while (bytes.hasRemaining()) {
        from.write(bytes);
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (Thread thread : threads) {
      thread.interrupt();
    }
    door.close();
    if (from != null) {
      from.close();
    }
    if (on != null) {
      on.close();
    }
  }
}
