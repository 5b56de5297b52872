package dev.unfold.serve.http;

import dev.unfold.argument.Expect;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Cuts off who does not read what it is sent: a thread that has been sending one piece for too long is interrupted,
/// which closes its socket. A reader that is merely slow is none of these: each piece has a time of its own.
///
/// **Threads**: any number.
public final class SlowReaders implements AutoCloseable {
  private static final long CUT = -1;
  private static final long IDLE = 0;

  private final long limit;
  private final Set<Writer> writers = ConcurrentHashMap.newKeySet();
  private final Thread watch;

  /// One that may send for long: what goes into the memory of the socket needs nobody to read it.
  final class Writer implements AutoCloseable {
    private final Thread thread = Thread.currentThread();
    private final AtomicLong since = new AtomicLong(IDLE);

    /// Sends something.
    ///
    /// **Errors**: [ClientLeftException] if that took too long.
    void write(Runnable send) {
      long now = System.nanoTime() | 1;
      since.set(now);
      try {
        send.run();
      } finally {
        if (!since.compareAndSet(now, IDLE)) {
          // Interrupted, or about to be: nobody else shall find that.
          while (!Thread.interrupted()) {
            Thread.onSpinWait();
          }
        }
      }
    }

    @Override
    public void close() {
      writers.remove(this);
    }

    private void look(long now) {
      long begun = since.get();
      if (begun != IDLE && begun != CUT && now - begun > limit && since.compareAndSet(begun, CUT)) {
        thread.interrupt();
      }
    }
  }

  /// @param limit for one piece
  public SlowReaders(Duration limit) {
    this.limit = Expect.given("limit", limit).toNanos();
    watch = Thread.ofVirtual().name("slow readers").unstarted(this::watch);
  }

  /// Begins to watch.
  public SlowReaders start() {
    watch.start();
    return this;
  }

  /// For a thread that is about to send pieces.
  Writer writer() {
    Writer writer = new Writer();
    writers.add(writer);
    return writer;
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(Math.clamp(limit / 4_000_000, 1, 1000));
        long now = System.nanoTime();
        writers.forEach(writer -> writer.look(now));
      }
    } catch (InterruptedException _) {
      // It is over.
    }
  }

  @Override
  public void close() {
    watch.interrupt();
  }
}
