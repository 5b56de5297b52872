package dev.unfold.serve.http;

import dev.unfold.argument.Expect;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Cuts off who does not send what was announced, or does not read what it is sent: a thread that has waited for too
/// long is interrupted, which closes its socket. Each piece of a long answer has a time of its own, so that a reader
/// that is merely slow is none of these.
///
/// **Threads**: any number.
public final class Patience implements AutoCloseable {
  private static final long CUT = -1;
  private static final long IDLE = 0;
  private static final long LOOKS = 4;

  private final long limit;
  private final Set<Wait> waits = ConcurrentHashMap.newKeySet();
  private final Thread watch;

  /// A thread that may wait for the other side: what is in the memory of its socket needs nobody to send or read it.
  final class Wait implements AutoCloseable {
    private final Thread thread = Thread.currentThread();
    private final AtomicLong since = new AtomicLong(IDLE);
    private volatile Runnable last;

    /// Does something that may wait.
    ///
    /// @param farewell what is done before it is cut off, by another thread
    ///
    /// **Errors**: what `work` throws, which is that the socket is closed if it took too long.
    ///
    /// @return whether it was cut off
    boolean during(Runnable work, Runnable farewell) {
      long now = System.nanoTime() | 1;
      last = farewell;
      since.set(now);
      boolean isCut = false;
      try {
        work.run();
      } catch (RuntimeException e) {
        if (since.get() != CUT) {
          throw e;
        }
      } finally {
        isCut = !since.compareAndSet(now, IDLE);
        if (isCut) {
          // It is interrupted, or about to be: nobody else shall find that.
          while (!Thread.interrupted()) {
            Thread.onSpinWait();
          }
        }
      }
      return isCut;
    }

    @Override
    public void close() {
      waits.remove(this);
    }

    private void look(long now) {
      long begun = since.get();
      boolean isLong = begun != IDLE && begun != CUT && now - begun > limit;
      if (isLong && since.compareAndSet(begun, CUT)) {
        try {
          last.run();
        } finally {
          thread.interrupt();
        }
      }
    }
  }

  /// @param limit for one piece
  public Patience(Duration limit) {
    this.limit = Expect.given("limit", limit).toNanos();
    watch = Thread.ofVirtual().name("patience").unstarted(this::watch);
  }

  /// Begins to watch.
  public Patience start() {
    watch.start();
    return this;
  }

  /// For this thread.
  Wait begin() {
    Wait wait = new Wait();
    waits.add(wait);
    return wait;
  }

  private void watch() {
    long pause = Math.clamp(limit / LOOKS / 1_000_000, 1, 1000);
    try {
      while (true) {
        Thread.sleep(pause);
        long now = System.nanoTime();
        waits.forEach(wait -> wait.look(now));
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
