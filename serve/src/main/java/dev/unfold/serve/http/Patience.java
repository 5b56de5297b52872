package dev.unfold.serve.http;

import dev.unfold.argument.Expect;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Cuts off who does not send what was announced, or does not read what it is sent: a thread that has waited for too
/// long is interrupted, which closes its socket. Each piece of a long answer has a time of its own, so that a reader
/// that is merely slow is none of these.
///
/// **Threads**: any number.
public final class Patience implements AutoCloseable {
  private static final long CUT = -1;
  private static final long IDLE = 0;
  private static final long LOOKS = 4;

  /// Who does not read is told nothing.
  static final Runnable NO_FAREWELL = () -> {};

  /// How long telling somebody that it is cut off may take.
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  private final long limit;
  private final Set<Wait> waits = ConcurrentHashMap.newKeySet();
  private final Thread watch;

  /// A thread that may wait for the other side: what is in the memory of its socket needs nobody to send or read it.
  final class Wait implements AutoCloseable {
    private final Thread thread = Thread.currentThread();
    private final AtomicLong since = new AtomicLong(IDLE);
    private volatile Runnable last;
    private long begun;

    /// Does something that may wait.
    ///
    /// @param farewell what is done before it is cut off, by another thread
    ///
    /// **Errors**: what `work` throws, which is that the socket is closed if it took too long.
    ///
    /// @return whether it was cut off
    boolean during(Runnable work, Runnable farewell) {
      boolean isCut = false;
      begin(farewell);
      try {
        work.run();
      } catch (RuntimeException e) {
        if (since.get() != CUT) {
          throw e;
        }
      } finally {
        isCut = end();
      }
      return isCut;
    }

    /// From now on it waits.
    ///
    /// @param farewell as above
    void begin(Runnable farewell) {
      begun = System.nanoTime() | 1;
      last = farewell;
      since.set(begun);
    }

    /// From now on it does not wait.
    ///
    /// @return whether it was cut off
    boolean end() {
      boolean isCut = !since.compareAndSet(begun, IDLE);
      if (isCut) {
        // It is interrupted, or about to be: nobody else shall find that.
        while (!Thread.interrupted()) {
          LockSupport.park(this);
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
        // By a thread of its own: who is cut off may not read what it is told, and others wait to
        // be cut off.
        Thread.ofVirtual().name("farewell").start(this::cut);
      }
    }

    private void cut() {
      try {
        Thread teller = Thread.ofVirtual().name("farewell").start(this::tell);
        if (!teller.join(FAREWELL)) {
          teller.interrupt();
        }
      } catch (InterruptedException _) {
        // Nobody interrupts it; its socket is closed in any case.
      } finally {
        thread.interrupt();
      }
    }

    private void tell() {
      try {
        last.run();
      } catch (RuntimeException _) {
        // It is gone.
      }
    }
  }

  /// @param limit for one piece
  public Patience(Duration limit) {
    this.limit = Expect.given("limit", limit).toNanos();
    watch = Thread.ofVirtual().name("patience").unstarted(this::watch);
  }

  /// For one piece.
  Duration limit() {
    return Duration.ofNanos(limit);
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
        for (Wait wait : waits) {
          look(wait, now);
        }
      }
    } catch (InterruptedException _) {
      // It is over.
    }
  }

  /// Whatever becomes of one, the others are looked after.
  private static void look(Wait wait, long now) {
    try {
      wait.look(now);
    } catch (RuntimeException | OutOfMemoryError e) {
      System.getLogger(Patience.class.getName())
          .log(System.Logger.Level.WARNING, "patience: a client was not cut off", e);
    }
  }

  @Override
  public void close() {
    watch.interrupt();
  }
}
